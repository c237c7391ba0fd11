{{/* Rules of the cleaning of worker pods. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.clean-pods" -}}
{{- include "kit.validate.schedule" (dict "to" .to "key" "workers.cleanup" "section" .root.Values.workers.cleanup) -}}
{{- $wanted := eq (toString .root.Values.workers.cleanup.enabled) "true" -}}
{{- if and $wanted (not (include "kit.cleans.possible" (dict "root" .root "component" "clean-pods"))) -}}
{{- include "kit.problem" (dict "to" .to "id" "cleanup-without-worker-pods"
  "what" "workers.cleanup.enabled is true, but no executor of the release makes worker pods"
  "why" "It deletes pods of the KubernetesExecutor, and executors does not contain that."
  "paste" "workers:\n  cleanup:\n    enabled: false") -}}
{{- end -}}
{{- end -}}
