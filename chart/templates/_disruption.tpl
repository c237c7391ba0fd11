{{/*
PodDisruptionBudget of a component that may have several pods. With one, it would block every drain of the node.
Input: root, component, values (its section of the values). Output: a PodDisruptionBudget, or nothing.
*/}}
{{- define "kit.disruptionBudget" -}}
{{- $pdb := .values.podDisruptionBudget -}}
{{- if and $pdb.enabled (or (kindIs "invalid" .values.replicas) (gt (int .values.replicas) 1)) -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "kit.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ $pdb.maxUnavailable | int }}
  selector:
    matchLabels:
      {{- include "kit.selectorLabels" . | nindent 6 }}
{{- end -}}
{{- end -}}
