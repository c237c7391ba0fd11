{{/* The emptyDir of a worker's /tmp. Input: the root. Output: JSON. */}}
{{- define "kit.workers.tmp" -}}
{{- $dir := dict -}}
{{- with .Values.workers.tmpSizeLimit -}}{{- $_ := set $dir "sizeLimit" . -}}{{- end -}}
{{- toJson $dir -}}
{{- end -}}

{{/* The volume of a worker's logs: the shared claim, or a directory that is lost with the pod. Input: the root. Output: JSON. */}}
{{- define "kit.workers.logs" -}}
{{- $volumes := include "kit.airflowVolumes" (dict "root" . "role" "worker") | fromYamlArray -}}
{{- range $volumes -}}{{- if eq .name "logs" -}}{{- toJson . -}}{{- end -}}{{- end -}}
{{- end -}}

{{/* Spread constraints of worker pods. Input: the root. Output: a JSON list. */}}
{{- define "kit.workers.spread" -}}
{{- include "kit.spread" (dict "root" . "component" "worker" "constraints" .Values.workers.topologySpreadConstraints) -}}
{{- end -}}
