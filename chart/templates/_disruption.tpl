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
  {{- $least := include "kit.disruption.pods" $pdb.minAvailable }}
  {{- if $least }}
  minAvailable: {{ $least }}
  {{- else }}
  maxUnavailable: {{ include "kit.disruption.pods" $pdb.maxUnavailable }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "kit.selectorLabels" . | nindent 6 }}
      {{- with .label }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
{{- end -}}
{{- end -}}

{{/* A number of pods or a percentage, as Kubernetes takes it. Input: the value. Output: text, or nothing. */}}
{{- define "kit.disruption.pods" -}}
{{- if kindIs "string" . -}}{{- . -}}{{- else if not (kindIs "invalid" .) -}}{{- int . -}}{{- end -}}
{{- end -}}
