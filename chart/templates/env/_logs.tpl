{{/* Task logs in an object store. Input: the root. Output: YAML list entries. */}}
{{- define "kit.env.remoteLogs" -}}
{{- with .Values.logs.remote -}}
{{- if .enabled -}}
- {name: AIRFLOW__LOGGING__REMOTE_LOGGING, value: "True"}
- {name: AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER, value: {{ .folder | quote }}}
- {name: AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID, value: {{ .connection | quote }}}
- {name: AIRFLOW__LOGGING__ENCRYPT_S3_LOGS, value: {{ .encrypt | ternary "True" "False" | quote }}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Name under which the API server fetches logs from a role that keeps running: only the address of a pod resolves. Celery workers
have names, by their headless Service, which the UI shows.
Input: root, role. Output: YAML list entries.
*/}}
{{- define "kit.env.logServer" -}}
{{- if or (eq .role "triggerer") (and (not (has .role (list "worker" "celery"))) (include "kit.runsTasks" .)) -}}
- {name: AIRFLOW__CORE__HOSTNAME_CALLABLE, value: airflow.utils.net.get_host_ip_address}
{{- end -}}
{{- end -}}
