{{/*
The metadata database. A command makes the URL from files: no password stands in the environment, any character in it
works, and Airflow does not expand `$` in what a command prints. Input: root, role. Output: YAML list entries.
*/}}
{{- define "kit.env.database" -}}
{{- $db := .root.Values.database -}}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD, value: python3 -IS /opt/airflow/kit/database_url.py}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD, value: python3 -IS /opt/airflow/kit/database_url.py --async}
{{- if include "kit.pooled" . }}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS_ASYNC, value: airflow_kit_pooler.CONNECT_ARGS}
{{- end }}
{{- with include "kit.env.databaseAddress" . | trim }}
{{ . }}
{{- end }}
- {name: KIT_WAIT_TIMEOUT_SECONDS, value: {{ $db.waitTimeoutSeconds | int | quote }}}
# For the message of a pod that waits for a migration.
- name: KIT_MIGRATE_JOBS
  {{- $labels := printf "app.kubernetes.io/instance=%s,app.kubernetes.io/component=migrate" .root.Release.Name }}
  value: {{ printf "-n %s -l %s" .root.Release.Namespace $labels | quote }}
{{- if .root.Values.postgres.enabled }}
- {name: KIT_DATABASE_CLAIM, value: {{ include "kit.postgresClaim" .root | quote }}}
{{- end }}
{{- end -}}

{{/*
Where a role finds the database: PgBouncer, the chart's own PostgreSQL, or a server of the user's. With a URL in a Secret, what is
not set here is in the URL. Input: root, role. Output: YAML list entries, or nothing.
*/}}
{{- define "kit.env.databaseAddress" -}}
{{- $db := .root.Values.database -}}
{{- $own := .root.Values.postgres.enabled -}}
{{- $pooled := include "kit.pooled" . -}}
{{- $url := and $db.urlSecret.name (not $own) -}}
{{- if $pooled }}
- {name: KIT_DATABASE_HOST, value: {{ include "kit.serviceHost" (dict "root" .root "component" "pgbouncer") | quote }}}
- {name: KIT_DATABASE_PORT, value: "6432"}
{{- else if not $url }}
- {name: KIT_DATABASE_HOST, value: {{ include "kit.databaseHost" .root | quote }}}
- {name: KIT_DATABASE_PORT, value: {{ $own | ternary 5432 $db.port | int | quote }}}
{{- end }}
{{- if not $url }}
- {name: KIT_DATABASE_NAME, value: {{ $db.name | quote }}}
- {name: KIT_DATABASE_USER, value: {{ $db.user | quote }}}
{{- end }}
{{- $mode := $db.sslMode -}}
{{- if $pooled -}}{{- $mode = empty .root.Values.pgbouncer.tls.secret | ternary "disable" "verify-full" -}}{{- end -}}
{{- with $mode }}
- {name: KIT_DATABASE_SSLMODE, value: {{ . | quote }}}
{{- end }}
{{- if not (or $own $db.password $pooled (eq .role "pgbouncer")) }}
- {name: KIT_DATABASE_PASSWORD, value: none}
{{- end }}
{{- end -}}

{{/*
Connections of a process of the API server: those that stay open, and how many more there may be while they are needed.
Input: the root. Output: YAML list entries.
*/}}
{{- define "kit.env.databasePool" -}}
{{- $most := .Values.apiServer.databaseConnections | int -}}
{{- $kept := min 5 $most -}}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE, value: {{ $kept | quote }}}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW, value: {{ sub $most $kept | quote }}}
{{- end -}}
