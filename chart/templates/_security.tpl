{{/*
Security context of an Airflow pod: Pod Security "restricted". The user is the official image's. Group 0 is added because
that image, and volumes that others filled for it, give their permissions to group 0. Input: none. Output: map entries.
*/}}
{{- define "kit.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 50000
runAsGroup: 50000
fsGroup: 50000
fsGroupChangePolicy: OnRootMismatch
supplementalGroups: [0]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Security context of any container. Input: none. Output: map entries. */}}
{{- define "kit.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}
