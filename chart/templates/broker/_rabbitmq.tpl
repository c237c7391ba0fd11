{{/* Kind rabbitmq: the StatefulSet of the folder rabbitmq/. Slots: input and output as kit.broker.slot says. */}}
{{- define "kit.broker.rabbitmq.component" -}}rabbitmq{{- end -}}

{{- define "kit.broker.rabbitmq.port" -}}5672{{- end -}}

{{- define "kit.broker.rabbitmq.env" -}}
- {name: KIT_BROKER_PROTOCOL, value: amqp}
- {name: KIT_BROKER_HOST, value: {{ include "kit.serviceHost" (dict "root" .root "component" "rabbitmq") | quote }}}
- {name: KIT_BROKER_PORT, value: "5672"}
- {name: KIT_BROKER_USER, value: airflow}
- {name: KIT_BROKER_DATABASE, value: airflow}
{{ include "kit.broker.confirms" . }}
{{- end -}}

{{- define "kit.broker.rabbitmq.sources" -}}
- secret:
    name: {{ include "kit.keysSecret" .root | quote }}
    items:
      - {key: broker-password, path: broker-password}
{{- end -}}
