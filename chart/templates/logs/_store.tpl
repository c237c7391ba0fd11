{{/*
The store outside of the cluster's volumes that task logs go to. Each kind is one file, _<kind>.tpl, that defines
  kit.logs.<kind>.env  its variables; takes the root, gives YAML list entries
and, if it has rules of its own, kit.logs.<kind>.validate (see kit.validate). A folder selects the kind by its scheme; Airflow knows
more schemes (cloudwatch://, oss://, …), which need no variables of their own and are the kind "folder".
Input: the root. Output: the kind, or nothing.
*/}}
{{- define "kit.logs.store" -}}
{{- with .Values.logs.remote -}}
{{- if not .enabled -}}
{{- else if hasPrefix "s3://" .folder -}}s3
{{- else if hasPrefix "wasb" .folder -}}azure
{{- else if .folder -}}folder
{{- else if .elasticsearch.hostSecret.name -}}elasticsearch
{{- else if .opensearch.host -}}opensearch
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Roles that write task logs or read them: they hold the credentials. Input: none. Output: a JSON list. */}}
{{- define "kit.logs.holders" -}}{{- list "api-server" "scheduler" "triggerer" "worker" "celery" | toJson -}}{{- end -}}

{{/*
Where the connection to the store comes from: "connection" (one that Airflow knows), "connectionSecret" or "s3". Input: the root.
Output: a JSON list of those that the values set.
*/}}
{{- define "kit.logs.sources" -}}
{{- $found := list -}}
{{- with .Values.logs.remote -}}
{{- if .connection -}}{{- $found = append $found "connection" -}}{{- end -}}
{{- if .connectionSecret.name -}}{{- $found = append $found "connectionSecret" -}}{{- end -}}
{{- if or .s3.endpointUrl .s3.region .s3.credentialsSecret.name -}}{{- $found = append $found "s3" -}}{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/* The connection from a Secret, whole or by its parts. Input: the root. Output: YAML list entries. */}}
{{- define "kit.logs.connection" -}}
{{- $sources := include "kit.logs.sources" . | fromJsonArray -}}
{{- with .Values.logs.remote.connectionSecret -}}
{{- if .name -}}
- name: AIRFLOW_CONN_KIT_REMOTE_LOGS
  valueFrom: {secretKeyRef: {name: {{ .name | quote }}, key: {{ .key | quote }}}}
{{- else if has "s3" $sources -}}
{{ include "kit.logs.s3.connection" $ }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Whether task logs go to a store outside: by logs.remote, or by options of Airflow that the user sets. Input: the root. Output: "true" or
nothing.
*/}}
{{- define "kit.logs.goOut" -}}
{{- $said := include "kit.config.said" (dict "root" . "option" "logging.remote_logging" "env" .Values.apiServer.env) -}}
{{- if or .Values.logs.remote.enabled (eq (lower $said) "true") -}}true{{- end -}}
{{- end -}}
