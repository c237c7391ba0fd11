{{/* OpenSearch. With `write: stdout` a collector takes the lines there. Input: the root. Output: YAML list entries. */}}
{{- define "kit.logs.opensearch.env" -}}
{{- with .Values.logs.remote.opensearch -}}
- {name: AIRFLOW__OPENSEARCH__HOST, value: {{ .host | quote }}}
- {name: AIRFLOW__OPENSEARCH__PORT, value: {{ .port | int | quote }}}
- name: AIRFLOW__OPENSEARCH__USERNAME
  valueFrom: {secretKeyRef: {name: {{ .credentialsSecret.name | quote }}, key: {{ .credentialsSecret.usernameKey | quote }}}}
- name: AIRFLOW__OPENSEARCH__PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .credentialsSecret.name | quote }}, key: {{ .credentialsSecret.passwordKey | quote }}}}
- {name: AIRFLOW__OPENSEARCH__WRITE_TO_OS, value: {{ eq .write "store" | ternary "True" "False" | quote }}}
- {name: AIRFLOW__OPENSEARCH__WRITE_STDOUT, value: {{ eq .write "stdout" | ternary "True" "False" | quote }}}
- {name: AIRFLOW__OPENSEARCH__JSON_FORMAT, value: "True"}
- {name: AIRFLOW__OPENSEARCH__TARGET_INDEX, value: {{ .index | quote }}}
- {name: AIRFLOW__OPENSEARCH__INDEX_PATTERNS, value: {{ printf "%s*" .index | quote }}}
{{- end -}}
{{- end -}}
