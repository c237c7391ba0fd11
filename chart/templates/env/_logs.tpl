{{/*
Task logs in a store outside of the cluster's volumes, for the roles that write them or read them. Input: root, role. Output: YAML
list entries.
*/}}
{{- define "kit.env.remoteLogs" -}}
{{- $kind := include "kit.logs.store" .root -}}
{{- $ours := without (include "kit.logs.sources" .root | fromJsonArray) "connection" | empty | not -}}
{{- with .root.Values.logs.remote -}}
{{- if and .enabled (has $.role (include "kit.logs.holders" $ | fromJsonArray)) -}}
- {name: AIRFLOW__LOGGING__REMOTE_LOGGING, value: "True"}
- {name: AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER, value: {{ .folder | quote }}}
- {name: AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID, value: {{ $ours | ternary "kit_remote_logs" .connection | quote }}}
{{- if $kind }}
{{ include (printf "kit.logs.%s.env" $kind) $.root }}
{{- end }}
{{ include "kit.logs.connection" $.root }}
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
