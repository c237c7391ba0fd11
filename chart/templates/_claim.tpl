{{/*
A claim of the kit. Input: root, component, values (a section with storageClass, accessMode, size). Uninstall keeps it:
data goes only with `kitctl down --volumes`.
*/}}
{{- define "kit.claim" -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "kit.metadata" (dict "root" .root "component" .component "annotations" (dict "helm.sh/resource-policy" "keep")) | nindent 2 }}
spec:
  {{- include "kit.claimSpec" .values | nindent 2 }}
{{- end -}}

{{/* Spec of a claim. Input: a section with storageClass, accessMode, size. Output: a YAML map. */}}
{{- define "kit.claimSpec" -}}
accessModes: [{{ .accessMode }}]
{{- with .storageClass }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}
