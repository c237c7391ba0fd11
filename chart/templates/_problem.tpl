{{/*
Notes one problem of the values; kit.validate reports all of them at once. Input: to, a dict whose list `found` grows; id,
stable words with dashes; what, one line that names the key; why, the reason, as text or as a list of sentences; paste,
YAML or a command that solves it, as text or as a list of lines. Output: nothing.
*/}}
{{- define "kit.problem" -}}
{{- $text := printf "[%s] %s\n  %s\n\n%s" .id .what (join " " .why) (join "\n" .paste | trim | indent 4) -}}
{{- $_ := set .to "found" (append (.to.found | default list) $text) -}}
{{- end -}}
