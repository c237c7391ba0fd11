{{/* Rules of the broker, where an executor needs one. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.broker" -}}
{{- $kinds := include "kit.broker.kinds" . | fromJsonArray -}}
{{- $kind := .root.Values.broker.kind -}}
{{- if not (has $kind $kinds) -}}
{{- include "kit.problem" (dict "to" .to "id" "broker-unknown"
  "what" (printf "broker.kind is %s, which this chart does not support" (default "empty" $kind))
  "why" (printf "It supports %s." (join ", " $kinds)) "paste" "broker:\n  kind: redis") -}}
{{- else if include "kit.broker.needed" .root -}}
{{- include "kit.broker.slot" (merge (dict "slot" "validate") .) -}}
{{- end -}}
{{- end -}}

{{/* Rules of a broker of the chart's own. Input: root, to (see kit.problem), kind. Output: nothing. */}}
{{- define "kit.broker.ownValidate" -}}
{{- $external := .root.Values.broker.external -}}
{{- if or $external.host $external.urlSecret.name -}}
{{- include "kit.problem" (dict "to" .to "id" "broker-twice"
  "what" (printf "broker.external.%s is set while broker.kind is %s" (ternary "host" "urlSecret.name" (not (empty $external.host))) .kind)
  "why" "A release has one broker, either the chart's own or yours." "paste" "broker:\n  kind: external") -}}
{{- end -}}
{{- end -}}
