{{/* The emptyDir of a worker's /tmp. Input: the root. Output: JSON. */}}
{{- define "kit.workers.tmp" -}}
{{- $dir := dict -}}
{{- with .Values.workers.tmpSizeLimit -}}{{- $_ := set $dir "sizeLimit" . -}}{{- end -}}
{{- toJson $dir -}}
{{- end -}}

{{/* The volume of a worker's logs: the shared claim, or a directory that goes with the pod. Input: the root. Output: JSON. */}}
{{- define "kit.workers.logs" -}}
{{- $volumes := include "kit.airflowVolumes" (dict "root" . "role" "worker") | fromYamlArray -}}
{{- range $volumes -}}{{- if eq .name "logs" -}}{{- toJson . -}}{{- end -}}{{- end -}}
{{- end -}}

{{/* Spread constraints; one without labelSelector would count no pod, so it gets the workers'. Input: the root. Output: JSON. */}}
{{- define "kit.workers.spread" -}}
{{- $labels := include "kit.selectorLabels" (dict "root" . "component" "worker") | fromYaml -}}
{{- $result := list -}}
{{- range .Values.workers.topologySpreadConstraints -}}
{{- $result = append $result (merge (deepCopy .) (dict "labelSelector" (dict "matchLabels" $labels))) -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}
