{{/* Rules of the triggerer. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.triggerer" -}}
{{- include "kit.problem.account" (dict "root" .root "to" .to "section" "triggerer") -}}
{{- end -}}
