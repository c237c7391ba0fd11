{{/*
ServiceAccount of a component; nothing if the user has one. Input: root, component, values; optional namespace. Output: an object.
*/}}
{{- define "kit.serviceAccount" -}}
{{- if .values.serviceAccount.create -}}
{{- $name := include "kit.serviceAccountName" . -}}
{{- $annotations := .values.serviceAccount.annotations -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "kit.metadata" (merge (dict "name" $name "annotations" $annotations) (omit . "values")) | nindent 2 }}
# A pod that calls Kubernetes mounts the token by a setting of its own.
automountServiceAccountToken: false
{{- end -}}
{{- end -}}

{{/*
Rights of a component in the executor's namespace. Another release may use that namespace too, so the names carry this
release's prefix. Input: root, component, values, rules (a list). Output: a Role and a RoleBinding.
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
