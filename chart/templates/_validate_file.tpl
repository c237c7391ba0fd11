{{/* Refuses two sources of a file of the user's. Input: to (see kit.problem), id, key, section, file. Output: nothing. */}}
{{- define "kit.validate.pythonFile" -}}
{{- $sources := list -}}
{{- range $name := list "text" "configMap" "secret" -}}
{{- if get $.section $name -}}{{- $sources = append $sources $name -}}{{- end -}}
{{- end -}}
{{- if gt (len $sources) 1 -}}
{{- $name := .file | trimSuffix ".py" | replace "_" "-" | printf "my-%s" -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" (printf "%s sets %s" .key (join " and " $sources))
  "why" (printf "Airflow reads one file %s." .file)
  "paste" (include "kit.validate.nested" (dict "section" .key "text" (printf "configMap: %s" $name)))) -}}
{{- end -}}
{{- end -}}
