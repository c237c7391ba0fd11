{{/* Rules of the kind redis. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.broker.redis.validate" -}}
{{- include "kit.broker.ownValidate" (merge (dict "kind" "redis") .) -}}
{{- end -}}
