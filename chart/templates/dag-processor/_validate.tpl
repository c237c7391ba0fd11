{{/* Rules of the DAG processor. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.dag-processor" -}}
{{- include "kit.problem.account" (dict "root" .root "to" .to "section" "dagProcessor") -}}
{{- end -}}
