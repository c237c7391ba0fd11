{{/*
Notes one problem. Input: to, a dict whose list `found` grows; id, stable words with dashes; what, one line that names the
key; why, the reason; paste, YAML or a command that solves it. Everything found is told at once (see kit.validate).
*/}}
{{- define "kit.problem" -}}
{{- $text := printf "[%s] %s\n  %s\n\n%s" .id .what .why (.paste | trim | indent 4) -}}
{{- $_ := set .to "found" (append (.to.found | default list) $text) -}}
{{- end -}}
