{{/*
Mode pvc: a claim, mounted read-only, since only `kitctl dags push` writes to it. Slots: input and output as kit.dags.slot
says.
*/}}
{{- define "kit.dags.pvc.env" -}}{{- end -}}

{{- define "kit.dags.pvc.volumes" -}}
- name: dags
  persistentVolumeClaim:
    claimName: {{ include "kit.dagsClaim" .root | quote }}
{{- end -}}

{{- define "kit.dags.pvc.mounts" -}}
- name: dags
  mountPath: {{ .root.Values.dags.path }}
  readOnly: true
  {{- with .root.Values.dags.pvc.subPath }}
  subPath: {{ . | quote }}
  {{- end }}
{{- end -}}

{{- define "kit.dags.pvc.longLived" -}}{{- end -}}
{{- define "kit.dags.pvc.once" -}}{{- end -}}
