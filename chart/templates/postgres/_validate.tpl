{{/* Rules of the database: the kit's own, or the user's. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.postgres" -}}
{{- $v := .root.Values -}}
{{- if and $v.postgres.enabled $v.database.host -}}
{{- include "kit.problem" (dict "to" .to "id" "database-twice" "what" "database.host is set while postgres.enabled is true"
  "why" "A release has one metadata database, either the chart's PostgreSQL or yours."
  "paste" (printf "postgres:\n  enabled: false\ndatabase:\n  host: %s" $v.database.host)) -}}
{{- else if and (not $v.postgres.enabled) (not $v.database.host) -}}
{{- include "kit.problem" (dict "to" .to "id" "database-missing" "what" "postgres.enabled is false and database.host is empty"
  "why" "Airflow needs a metadata database."
  "paste" "database:\n  host: db.example.com\n  passwordSecret:\n    name: my-database\n    key: password") -}}
{{- end -}}
{{- if and $v.postgres.enabled $v.database.passwordSecret.name -}}
{{- include "kit.problem" (dict "to" .to "id" "database-password-of-own-postgres"
  "what" "database.passwordSecret.name is set while postgres.enabled is true"
  "why" "The chart's own PostgreSQL takes its password from the keys Secret."
  "paste" (printf "keys:\n  existingSecret: %s" $v.database.passwordSecret.name)) -}}
{{- end -}}
{{- if contains "://" $v.database.host -}}
{{- include "kit.problem" (dict "to" .to "id" "database-host-is-url" "what" "database.host is a URL"
  "why" "It must be a host name. The chart builds the URL itself, so that any character in the password works."
  "paste" (printf "database:\n  host: %s" (urlParse $v.database.host).hostname)) -}}
{{- end -}}
{{- end -}}
