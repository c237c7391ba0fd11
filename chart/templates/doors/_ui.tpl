{{/* The door to the UI and the REST API. Input: the root. Output: a JSON map (see kit.doors). */}}
{{- define "kit.door.ui" -}}
{{- $api := .Values.apiServer -}}
{{- dict "component" "api-server" "service" $api.service "url" $api.baseUrl "key" "apiServer.baseUrl" | toJson -}}
{{- end -}}
