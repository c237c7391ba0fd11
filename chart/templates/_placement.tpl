{{/*
Spread constraints. One without labelSelector would count no pod at all, so it gets the component's labels; a selector of
the user stays as it is, even an empty one, which counts every pod of the namespace. Without constraints of the user's, replicas
of a component go to different nodes where there are some.
Input: root, component, section. Output: a JSON list.
*/}}
{{- define "kit.spread" -}}
{{- $own := dict "matchLabels" (include "kit.selector" . | fromJson) -}}
{{- $result := list -}}
{{- /* Kubernetes' own default takes a difference of three pods for balanced: two replicas would share a node, and its failure. */ -}}
{{- $nodes := list (dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway") -}}
{{- $replicated := list "api-server" "scheduler" "dag-processor" "triggerer" "celery" "flower" "pgbouncer" -}}
{{- $default := has .component $replicated | ternary $nodes list -}}
{{- range .section.topologySpreadConstraints | default $default -}}
{{- $result = append $result (set (deepCopy .) "labelSelector" (ternary .labelSelector $own (kindIs "map" .labelSelector))) -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/*
Where pods run, and how they resolve names: fields of a PodSpec that are in the values under the same name.
Input: root, component, section (see kit.pods.section). Output: map entries of a PodSpec, without empty ones.
*/}}
{{- define "kit.placement" -}}
{{- $section := .section -}}
{{- $section = set (omit $section "") "topologySpreadConstraints" (include "kit.spread" . | fromJsonArray) -}}
{{- range $name := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "priorityClassName" "schedulerName"
  "runtimeClassName" "hostAliases" "dnsPolicy" "dnsConfig" -}}
{{- with get $section $name }}
{{ dict $name . | toYaml }}
{{- end }}
{{- end }}
{{- end -}}
