{{/*
SQL of the wanted number of pods: the tasks that a group of Celery workers has to run, divided by what one pod runs at once. A task
without an executor belongs to the first one of the list; the others have the name, the alias, or the path of the class that their
DAG gave.
Input: root, section (workers.celery of the group). Output: one line of SQL, whose result is a floating-point number.
*/}}
{{- define "kit.celery.query" -}}
{{- $executors := list "CeleryExecutor" (include "kit.executor.CeleryExecutor.path" .) -}}
{{- $listed := include "kit.executors" .root | fromJsonArray -}}
{{- range $place, $entry := .root.Values.executors -}}
{{- if and (eq (index $listed $place) "CeleryExecutor") (contains ":" $entry) -}}
{{- $executors = append $executors (first (splitList ":" $entry)) -}}
{{- end -}}
{{- end -}}
{{- $queues := .section.queues | default (list (include "kit.celery.defaultQueue" .root)) -}}
{{- $owner := printf "executor IN (%s)" (include "kit.sqlTexts" $executors) -}}
{{- if eq (first $listed) "CeleryExecutor" -}}{{- $owner = printf "(executor IS NULL OR %s)" $owner -}}{{- end -}}
{{- printf "SELECT ceil(count(*) / %d.0)::float8 FROM task_instance" (int .section.concurrency) -}}
{{- printf " WHERE state IN ('queued', 'running') AND queue IN (%s) AND %s" (include "kit.sqlTexts" $queues) $owner -}}
{{- end -}}

{{/* Literals of SQL. Input: a list of texts. Output: text. */}}
{{- define "kit.sqlTexts" -}}
{{- $quoted := list -}}
{{- range . -}}{{- $quoted = append $quoted (printf "'%s'" (toString . | replace "'" "''")) -}}{{- end -}}
{{- join ", " $quoted -}}
{{- end -}}

{{/* The queue of tasks that name none. Input: the root. Output: text. */}}
{{- define "kit.celery.defaultQueue" -}}
{{- include "kit.config.said" (dict "root" . "option" "operators.default_queue") | default "default" -}}
{{- end -}}

{{/*
How KEDA finds the database. It keeps one pool of connections for each user, host and name, so these are also written where a
Secret holds the whole connection. Input: the root. Output: a YAML map of texts.
*/}}
{{- define "kit.keda.database" -}}
{{- $db := .Values.database -}}
host: {{ include "kit.databaseHost" . | quote }}
port: {{ .Values.postgres.enabled | ternary 5432 $db.port | int | quote }}
userName: {{ $db.user | quote }}
dbName: {{ $db.name | quote }}
sslmode: {{ $db.sslMode | default "prefer" | quote }}
{{- end -}}

{{/* What KEDA reads from Secrets to log in. Input: root, keda (its section). Output: a YAML list. */}}
{{- define "kit.keda.secrets" -}}
{{- with .keda.connectionSecret.name -}}
- {parameter: connection, name: {{ . | quote }}, key: {{ $.keda.connectionSecret.key | quote }}}
{{- else -}}
- {parameter: password, name: {{ include "kit.passwordSecret" .root | quote }}, key: {{ include "kit.passwordKey" .root | quote }}}
{{- with .root.Values.database.passwordSecret.userKey }}
- {parameter: userName, name: {{ include "kit.passwordSecret" $.root | quote }}, key: {{ . | quote }}}
{{- end }}
{{- end -}}
{{- end -}}
