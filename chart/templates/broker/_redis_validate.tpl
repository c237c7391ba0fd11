{{/* Rules of the kind redis. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.broker.redis.validate" -}}
{{- $external := .root.Values.broker.external -}}
{{- if or $external.host $external.urlSecret.name -}}
{{- include "kit.problem" (dict "to" .to "id" "broker-twice"
  "what" (printf "broker.external.%s is set while broker.kind is redis" (ternary "host" "urlSecret.name" (not (empty $external.host))))
  "why" "A release has one broker, either the chart's own or yours." "paste" "broker:\n  kind: external") -}}
{{- end -}}
{{- end -}}
