{{/*
Rule of the schedule of a CronJob. The schema knows the form; Kubernetes also refuses a range whose end is before its start, after
other objects have changed. Input: to (see kit.problem), key (of its section), section. Output: nothing.
*/}}
{{- define "kit.validate.schedule" -}}
{{- $in := . -}}
{{- with include "kit.schedule.backwards" .section.schedule -}}
{{- include "kit.problem" (dict "to" $in.to "id" "schedule-range-backwards"
  "what" (printf "%s.schedule is %q: the range %s ends before it starts" $in.key $in.section.schedule .)
  "why" "Kubernetes refuses such a schedule. Weeks start with Sunday (0), years with January; list both parts instead."
  "paste" (include "kit.validate.nested" (dict "section" $in.key "text" "schedule: '30 4 * * fri,sat,sun,mon'"))) -}}
{{- end -}}
{{- end -}}

{{/* The first range of a schedule that ends before it starts. Input: a schedule. Output: text, or nothing. */}}
{{- define "kit.schedule.backwards" -}}
{{- $text := lower . -}}
{{- range $names := list (list "sun" "mon" "tue" "wed" "thu" "fri" "sat")
  (list "" "jan" "feb" "mar" "apr" "may" "jun" "jul" "aug" "sep" "oct" "nov" "dec") -}}
{{- range $number, $name := $names -}}
{{- if $name -}}{{- $text = replace $name (toString $number) $text -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $wrong := list -}}
{{- range regexFindAll "[0-9]+-[0-9]+" $text -1 -}}
{{- $ends := splitList "-" . -}}
{{- if gt (first $ends | atoi) (last $ends | atoi) -}}{{- $wrong = append $wrong . -}}{{- end -}}
{{- end -}}
{{- with $wrong -}}{{- first . -}}{{- end -}}
{{- end -}}
