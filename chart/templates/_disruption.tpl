{{/*
PodDisruptionBudget of a component that may have several pods. With one, it would block every drain of the node.
Input: root, component, values (its section of the values); optional suffix (of the name), label (one more of its pods).
Output: a PodDisruptionBudget, or nothing.
*/}}
{{- define "kit.disruptionBudget" -}}
{{- $pdb := .values.podDisruptionBudget -}}
{{- if and $pdb.enabled (or (kindIs "invalid" .values.replicas) (gt (int .values.replicas) 1)) -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- $name := include "kit.name" (dict "root" .root "component" (.suffix | default .component)) }}
  {{- include "kit.metadata" (dict "root" .root "component" .component "name" $name) | nindent 2 }}
spec:
  maxUnavailable: {{ $pdb.maxUnavailable | int }}
  selector:
    matchLabels:
      {{- include "kit.selectorLabels" . | nindent 6 }}
      {{- with .label }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
{{- end -}}
{{- end -}}
