{{/* Rules of mode pvc. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.dags.pvc.validate" -}}
{{- $namespace := include "kit.executorNamespace" .root -}}
{{- if and (ne $namespace .root.Release.Namespace) (not .root.Values.dags.pvc.existingClaim) -}}
{{- include "kit.problem" (dict "to" .to "id" "dags-pvc-invalid" "what" "dags.pvc.existingClaim is not valid"
  "why" (printf "Worker pods run in namespace %s, where the kit's own claim does not exist." $namespace)
  "paste" "make a claim of one name in both namespaces, and set dags: {pvc: {existingClaim: NAME}}") -}}
{{- end -}}
{{- end -}}
