{{/*
Claims of StatefulSets. Kubernetes refuses every change of a claim template, after Helm has changed other objects. Without a cluster
(helm template, Argo CD) `lookup` finds nothing. Input: root, to (see kit.problem). Output: nothing.
*/}}
{{- define "kit.validate.claims" -}}
{{- $v := .root.Values -}}
{{- $storage := dict -}}
{{- if $v.postgres.enabled -}}{{- $_ := set $storage "postgres" (dict "path" "postgres" "values" $v.postgres.storage) -}}{{- end -}}
{{- with include "kit.broker.component" .root -}}
{{- $_ := set $storage . (dict "path" (printf "broker.%s" .) "values" (get $v.broker .).storage) -}}
{{- end -}}
{{- range $component, $one := $storage -}}
{{- $name := include "kit.name" (dict "root" $.root "component" $component) -}}
{{- $live := lookup "apps/v1" "StatefulSet" $.root.Release.Namespace $name -}}
{{- range ($live.spec | default dict).volumeClaimTemplates -}}
{{- $size := .spec.resources.requests.storage -}}
{{- if and (eq .metadata.name "data") (not $one.values.existingClaim) (ne (toString $size) $one.values.size) -}}
{{- $where := printf "kubectl -n %s" $.root.Release.Namespace -}}
{{- $patch := printf "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"%s\"}}}}" $one.values.size -}}
{{- include "kit.problem" (dict "to" $.to "id" "claim-size-changed"
  "what" (printf "%s.storage.size is %s, but the claim of the release was made with %s" $one.path $one.values.size $size)
  "why" (list "Kubernetes refuses to change the size in a StatefulSet."
    "To enlarge the claim, run the lines below, then repeat the upgrade; data and pod stay. The storage class must allow it"
    "(`allowVolumeExpansion`), and no claim can become smaller.")
  "paste" (list (printf "%s patch pvc data-%s-0 -p '%s'" $where $name $patch)
    (printf "%s delete statefulset %s --cascade=orphan" $where $name)
    (printf "# or, to leave it as it is:\n%s" (include "kit.validate.nested" (dict "section" $one.path
      "text" (printf "storage:\n  size: %s" $size)))))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
