{{/* Rules of the cleaning of the database. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.clean-db" -}}
{{- include "kit.validate.schedule" (dict "to" .to "key" "databaseCleanup" "section" .root.Values.databaseCleanup) -}}
{{- end -}}
