{{/*
Spread constraints. One without labelSelector would count no pod at all, so it gets the component's labels; a selector of
the user stays as it is, even an empty one, which counts every pod of the namespace.
Input: root, component, constraints (a list). Output: a JSON list.
*/}}
{{- define "kit.spread" -}}
{{- $own := dict "matchLabels" (include "kit.selector" . | fromJson) -}}
{{- $result := list -}}
{{- range .constraints -}}
{{- $result = append $result (set (deepCopy .) "labelSelector" (ternary .labelSelector $own (kindIs "map" .labelSelector))) -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* Where pods run. Input: root, component, values (a section with nodeSelector and so on). Output: map entries of a PodSpec. */}}
{{- define "kit.placement" -}}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- $spread := dict "root" .root "component" .component "constraints" .values.topologySpreadConstraints }}
  {{- include "kit.spread" $spread | fromJsonArray | toYaml | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/*
Where the Jobs of the release run: on the nodes of its scheduler. Without that they would never start on a cluster whose
nodes are all tainted. Input: the root. Output: a section for kit.placement.
*/}}
{{- define "kit.jobPlacement" -}}
{{- pick .Values.scheduler "nodeSelector" "tolerations" "priorityClassName" | toYaml -}}
{{- end -}}

{{/*
Entries of a PodSpec that every pod of the release has. Service links are off: they would add about ten variables for
each Service of the namespace. Input: root, component, values. Output: map entries of a PodSpec.
*/}}
{{- define "kit.podBasics" -}}
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "kit.placement" . | trim }}
{{ . }}
{{- end }}
{{- end -}}
