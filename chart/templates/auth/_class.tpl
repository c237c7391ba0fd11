{{/* Another class of the image, whose settings are in `config` and `env`. Input: the root. Output: its path. */}}
{{- define "kit.auth.class.path" -}}{{- .Values.auth.manager -}}{{- end -}}

{{/* The values have no variables for it. Input: none. Output: nothing. */}}
{{- define "kit.auth.class.env" -}}{{- end -}}

{{/* Nor files. Input: none. Output: nothing. */}}
{{- define "kit.auth.class.sources" -}}{{- end -}}
