{{/*
The broker of the chosen kind. Each kind is one file, _<kind>.tpl, that defines kit.broker.<kind>.<slot> for:
  env        variables KIT_BROKER_… of the pods that call the broker, without secrets (files/broker_url.py reads them)
  sources    the files that these pods need, as sources of a projected volume
  component  the component of the release that is the broker; nothing if it is outside
  port       the port of the broker
and, in _<kind>_validate.tpl, its rules: kit.broker.<kind>.validate (see kit.validate).
Input: root, slot; optional to (see kit.problem). Output: text; nothing for a kind that has no file, which
kit.validate.broker refuses.
*/}}
{{- define "kit.broker.slot" -}}
{{- $kind := .root.Values.broker.kind -}}
{{- if has $kind (include "kit.broker.kinds" . | fromJsonArray) -}}
{{- include (printf "kit.broker.%s.%s" $kind .slot) . -}}
{{- end -}}
{{- end -}}

{{/* Kinds that have a file. Input: none. Output: a JSON list. */}}
{{- define "kit.broker.kinds" -}}{{- list "external" "rabbitmq" "redis" | toJson -}}{{- end -}}

{{/* Whether an executor of the release needs a broker. Input: the root. Output: "true" or nothing. */}}
{{- define "kit.broker.needed" -}}{{- include "kit.hasExecutor" (dict "root" . "executor" "CeleryExecutor") -}}{{- end -}}

{{/* The component of the release that is its broker. Input: the root. Output: its name, or nothing. */}}
{{- define "kit.broker.component" -}}
{{- if include "kit.broker.needed" . -}}{{- include "kit.broker.slot" (dict "root" . "slot" "component") -}}{{- end -}}
{{- end -}}

{{/*
A task counts as queued when the broker has it on its disk. Without it, clients of RabbitMQ do not wait for an answer, and a broker
that is killed loses tasks that were on their way. Clients of Redis always wait, and ignore it. Input: none. Output: a YAML list.
*/}}
{{- define "kit.broker.confirms" -}}
- {name: AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__CONFIRM_PUBLISH, value: "True"}
{{- end -}}
