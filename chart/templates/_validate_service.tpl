{{/*
Fields of a Service that its type does not have: Kubernetes refuses them after other objects have changed. Input: to (see kit.problem),
section (such as apiServer), service. Output: nothing.
*/}}
{{- define "kit.validate.service" -}}
{{- $service := .service -}}
{{- $key := printf "%s.service" .section -}}
{{- $outside := has $service.type (list "NodePort" "LoadBalancer") -}}
{{- if and $service.nodePort (not $outside) -}}
{{- include "kit.problem" (dict "to" .to "id" "node-port-without-type"
  "what" (printf "%s.nodePort is set, but %s.type is %s" $key $key $service.type)
  "why" "Kubernetes refuses a nodePort on a Service of type ClusterIP."
  "paste" (printf "%s:\n  service:\n    type: NodePort\n    nodePort: %d" .section (int $service.nodePort))) -}}
{{- end -}}
{{- range list "loadBalancerClass" "loadBalancerIP" "loadBalancerSourceRanges" "externalTrafficPolicy" -}}
{{- $fits := eq . "externalTrafficPolicy" | ternary $outside (eq $service.type "LoadBalancer") -}}
{{- if and (get $service .) (not $fits) -}}
{{- include "kit.problem" (dict "to" $.to "id" "service-field-without-type"
  "what" (printf "%s.%s is set, but %s.type is %s" $key . $key $service.type)
  "why" "Kubernetes refuses the field on a Service that no load balancer serves."
  "paste" (include "kit.nested" (dict "key" $key "value" (dict "type" "LoadBalancer" . (get $service .))))) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* YAML of a value under a key with dots, to paste. Input: key, value. Output: text. */}}
{{- define "kit.nested" -}}
{{- $value := .value -}}
{{- range splitList "." .key | reverse -}}{{- $value = dict . $value -}}{{- end -}}
{{- toYaml $value -}}
{{- end -}}
