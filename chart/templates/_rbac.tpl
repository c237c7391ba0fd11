{{/*
Rights of a component in the executor's namespace: Role and RoleBinding. Input: root, component, values, rules (a list).
The namespace may be another release's too, so the names carry the release's own prefix.
*/}}
{{- define "kit.executorRole" -}}
{{- $metadata := include "kit.metadata" (dict "root" .root "component" .component "namespace" (include "kit.executorNamespace" .root)) -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- $metadata | nindent 2 }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- $metadata | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "kit.name" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "kit.serviceAccountName" . }}
    namespace: {{ .root.Release.Namespace | quote }}
{{- end -}}
