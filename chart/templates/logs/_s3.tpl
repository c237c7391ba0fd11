{{/* S3, or a store with its protocol. Input: the root. Output: YAML list entries. */}}
{{- define "kit.logs.s3.env" -}}
- {name: AIRFLOW__LOGGING__ENCRYPT_S3_LOGS, value: {{ .Values.logs.remote.encrypt | ternary "True" "False" | quote }}}
{{- end -}}

{{/*
The connection made of its parts. The kubelet puts the access key into the JSON, so that no rendered text contains it; a quotation
mark or a backslash in it would break the JSON, and kitctl refuses them (remote-logs-key-character).
Input: the root. Output: YAML list entries.
*/}}
{{- define "kit.logs.s3.connection" -}}
{{- with .Values.logs.remote.s3 -}}
{{- $extra := dict -}}
{{- with .endpointUrl -}}{{- $_ := set $extra "endpoint_url" . -}}{{- end -}}
{{- with .region -}}{{- $_ := set $extra "region_name" . -}}{{- end -}}
{{- $connection := dict "conn_type" "aws" "extra" $extra -}}
{{- with .credentialsSecret -}}
{{- if .name -}}
{{- $_ := set $connection "login" "$(KIT_LOGS_ACCESS_KEY_ID)" -}}
{{- $_ := set $connection "password" "$(KIT_LOGS_SECRET_ACCESS_KEY)" -}}
- name: KIT_LOGS_ACCESS_KEY_ID
  valueFrom: {secretKeyRef: {name: {{ .name | quote }}, key: {{ .accessKeyIdKey | quote }}}}
- name: KIT_LOGS_SECRET_ACCESS_KEY
  valueFrom: {secretKeyRef: {name: {{ .name | quote }}, key: {{ .secretAccessKeyKey | quote }}}}
{{ end -}}
{{- end -}}
- {name: AIRFLOW_CONN_KIT_REMOTE_LOGS, value: {{ toJson $connection | squote }}}
{{- end -}}
{{- end -}}
