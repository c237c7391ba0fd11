{{/*
Mode image: the DAGs are part of the image, at dags.path; there is nothing to mount and nothing to wait for. Slots: input and
output as kit.dags.slot says.
*/}}
{{- define "kit.dags.image.env" -}}{{- end -}}
{{- define "kit.dags.image.volumes" -}}{{- end -}}
{{- define "kit.dags.image.mounts" -}}{{- end -}}
{{- define "kit.dags.image.longLived" -}}{{- end -}}
{{- define "kit.dags.image.once" -}}{{- end -}}
{{- define "kit.dags.image.validate" -}}{{- end -}}
