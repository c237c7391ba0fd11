{{/*
Elasticsearch. Its URL holds the password, so it comes from a Secret. With `write: stdout` a collector takes the lines there.
Input: the root. Output: YAML list entries.
*/}}
{{- define "kit.logs.elasticsearch.env" -}}
{{- with .Values.logs.remote.elasticsearch -}}
- name: AIRFLOW__ELASTICSEARCH__HOST
  valueFrom: {secretKeyRef: {name: {{ .hostSecret.name | quote }}, key: {{ .hostSecret.key | quote }}}}
- {name: AIRFLOW__ELASTICSEARCH__WRITE_TO_ES, value: {{ eq .write "store" | ternary "True" "False" | quote }}}
- {name: AIRFLOW__ELASTICSEARCH__WRITE_STDOUT, value: {{ eq .write "stdout" | ternary "True" "False" | quote }}}
- {name: AIRFLOW__ELASTICSEARCH__JSON_FORMAT, value: "True"}
- {name: AIRFLOW__ELASTICSEARCH__TARGET_INDEX, value: {{ .index | quote }}}
- {name: AIRFLOW__ELASTICSEARCH__INDEX_PATTERNS, value: {{ printf "%s*" .index | quote }}}
{{- end -}}
{{- end -}}
