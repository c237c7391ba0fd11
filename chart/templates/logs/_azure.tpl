{{/* Azure Blob Storage. Input: the root. Output: YAML list entries. */}}
{{- define "kit.logs.azure.env" -}}
- name: AIRFLOW__AZURE_REMOTE_LOGGING__REMOTE_WASB_LOG_CONTAINER
  value: {{ .Values.logs.remote.azure.container | quote }}
{{- end -}}
