{{/*
One image reference. Input: an image section (repository, tag, digest). The digest wins over the tag: a moved tag then
changes nothing.
*/}}
{{- define "kit.imageRef" -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository .tag -}}
{{- end -}}
{{- end -}}

{{/* The image of every Airflow container and of the worker pods. Input: the root. */}}
{{- define "kit.image" -}}
{{- include "kit.imageRef" (merge (dict "tag" (.Values.image.tag | default .Values.airflowVersion)) .Values.image) -}}
{{- end -}}
