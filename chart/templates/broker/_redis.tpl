{{/* Kind redis: the StatefulSet of the folder redis/. Slots: input and output as kit.broker.slot says. */}}
{{- define "kit.broker.redis.component" -}}redis{{- end -}}

{{- define "kit.broker.redis.port" -}}6379{{- end -}}

{{- define "kit.broker.redis.env" -}}
- {name: KIT_BROKER_HOST, value: {{ include "kit.serviceHost" (dict "root" .root "component" "redis") | quote }}}
- {name: KIT_BROKER_PORT, value: "6379"}
{{- end -}}

{{- define "kit.broker.redis.sources" -}}
- secret:
    name: {{ include "kit.keysSecret" .root | quote }}
    items:
      - {key: broker-password, path: broker-password}
{{- end -}}
