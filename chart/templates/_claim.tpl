{{/*
A claim of the kit. `helm uninstall` keeps it; only `kitctl down --volumes` deletes data.
Input: root, component, values (a section with storageClass, accessMode, size). Output: a PersistentVolumeClaim.
*/}}
{{- define "kit.claim" -}}
{{- $argo := include "kit.argoAnnotations" "Prune=false,Delete=false" | fromJson -}}
{{- $annotations := merge (dict "helm.sh/resource-policy" "keep") $argo -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "kit.metadata" (dict "root" .root "component" .component "annotations" $annotations) | nindent 2 }}
spec:
  {{- include "kit.claimSpec" .values | nindent 2 }}
{{- end -}}

{{/* Spec of a claim. Input: a section with storageClass, accessMode, size. Output: map entries. */}}
{{- define "kit.claimSpec" -}}
accessModes: [{{ .accessMode }}]
{{- with .storageClass }}
storageClassName: {{ . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}
