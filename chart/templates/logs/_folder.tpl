{{/* A folder of another scheme, or of Google Cloud Storage, needs no variables of its own. Input: the root. Output: nothing. */}}
{{- define "kit.logs.folder.env" -}}{{- end -}}
