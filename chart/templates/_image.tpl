{{/*
One image reference. The digest wins over the tag, so that moving the tag changes nothing.
Input: an image section (repository, tag, digest). Output: text.
*/}}
{{- define "kit.imageRef" -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository .tag -}}
{{- end -}}
{{- end -}}

{{/* The image of every Airflow container and of the worker pods. Input: the root. Output: text. */}}
{{- define "kit.image" -}}
{{- include "kit.imageRef" (merge (dict "tag" (.Values.image.tag | default .Values.airflowVersion)) .Values.image) -}}
{{- end -}}
