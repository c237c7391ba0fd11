{{/*
Security context of a pod: Pod Security "restricted". Group 0 is added to Airflow's pods because the official image, and volumes
that others filled for it, give their permissions to group 0. Input: section (see kit.pods.section), user. Output: map entries.
*/}}
{{- define "kit.podSecurityContext" -}}
{{- $own := dict "runAsNonRoot" true "fsGroupChangePolicy" "OnRootMismatch" "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- if .section.fixedIds -}}
{{- $user := int .user -}}
{{- $_ := merge $own (dict "runAsUser" $user "runAsGroup" $user "fsGroup" $user) -}}
{{- if eq $user 50000 -}}{{- $_ := set $own "supplementalGroups" (list 0) -}}{{- end -}}
{{- end -}}
{{- include "kit.merge" (dict "base" $own "over" .section.podSecurityContext) | fromJson | toYaml -}}
{{- end -}}

{{/*
Security context of a container. Input: section (see kit.pods.section); optional user, where it is not the pod's. Output: map
entries.
*/}}
{{- define "kit.containerSecurityContext" -}}
{{- $own := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "runAsNonRoot" true
  "capabilities" (dict "drop" (list "ALL")) -}}
{{- if and .user .section.fixedIds -}}{{- $_ := set $own "runAsUser" (int .user) -}}{{- end -}}
{{- include "kit.merge" (dict "base" $own "over" .section.containerSecurityContext) | fromJson | toYaml -}}
{{- end -}}
