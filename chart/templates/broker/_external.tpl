{{/* Kind external: a broker of the user's. Slots: input and output as kit.broker.slot says. */}}
{{- define "kit.broker.external.component" -}}{{- end -}}

{{- define "kit.broker.external.port" -}}{{- .root.Values.broker.external.port | int -}}{{- end -}}

{{- define "kit.broker.external.env" -}}
{{- with .root.Values.broker.external -}}
{{- if not .urlSecret.name -}}
- {name: KIT_BROKER_HOST, value: {{ .host | quote }}}
- {name: KIT_BROKER_PORT, value: {{ .port | int | quote }}}
- {name: KIT_BROKER_DATABASE, value: {{ .database | int | quote }}}
{{- with .user }}
- {name: KIT_BROKER_USER, value: {{ . | quote }}}
{{- end }}
{{- if .tls }}
- {name: KIT_BROKER_TLS, value: "true"}
{{- end }}
{{- end }}
{{- end }}
# The URL may be RabbitMQ's.
{{ include "kit.broker.confirms" . }}
{{- end -}}

{{- define "kit.broker.external.sources" -}}
{{- $external := .root.Values.broker.external -}}
{{- if $external.urlSecret.name -}}
- secret:
    name: {{ $external.urlSecret.name | quote }}
    items:
      - {key: {{ $external.urlSecret.key | quote }}, path: broker-url}
{{- else if $external.password -}}
- secret:
    name: {{ $external.passwordSecret.name | default (include "kit.keysSecret" .root) | quote }}
    items:
      - {key: {{ $external.passwordSecret.key | quote }}, path: broker-password}
{{- end }}
{{- with $external.ca }}
{{- if or .configMap .secret }}
- {{ ternary "configMap" "secret" (not (empty .configMap)) }}:
    name: {{ .configMap | default .secret | quote }}
    items:
      - {key: {{ .key | quote }}, path: broker-ca.crt}
{{- end }}
{{- end }}
{{- end -}}
