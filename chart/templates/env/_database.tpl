{{/*
The metadata database. A command makes the URL from files: no password stands in the environment, any character in it
works, and Airflow does not expand `$` in what a command prints. Input: the root. Output: YAML list entries.
*/}}
{{- define "kit.env.database" -}}
{{- $db := .Values.database -}}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD, value: python3 -IS /opt/airflow/kit/database_url.py}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD, value: python3 -IS /opt/airflow/kit/database_url.py --async}
- {name: KIT_DATABASE_HOST, value: {{ include "kit.databaseHost" . | quote }}}
- {name: KIT_DATABASE_PORT, value: {{ .Values.postgres.enabled | ternary 5432 $db.port | int | quote }}}
- {name: KIT_DATABASE_NAME, value: {{ $db.name | quote }}}
- {name: KIT_DATABASE_USER, value: {{ $db.user | quote }}}
{{- with $db.sslMode }}
- {name: KIT_DATABASE_SSLMODE, value: {{ . | quote }}}
{{- end }}
{{- if not (or .Values.postgres.enabled $db.password) }}
- {name: KIT_DATABASE_PASSWORD, value: none}
{{- end }}
- {name: KIT_WAIT_TIMEOUT_SECONDS, value: {{ $db.waitTimeoutSeconds | int | quote }}}
# For the message of a pod that waits for a migration.
- name: KIT_MIGRATE_JOBS
  value: {{ printf "-n %s -l app.kubernetes.io/instance=%s,app.kubernetes.io/component=migrate" .Release.Namespace .Release.Name | quote }}
{{- if .Values.postgres.enabled }}
- {name: KIT_DATABASE_CLAIM, value: {{ include "kit.postgresClaim" . | quote }}}
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
