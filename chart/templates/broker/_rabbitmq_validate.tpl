{{/* Rules of the kind rabbitmq. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.broker.rabbitmq.validate" -}}
{{- include "kit.broker.ownValidate" (merge (dict "kind" "rabbitmq") .) -}}
{{- end -}}
