{{/* Rules of what `pods` and the sections of components say of pods. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.pods" -}}
{{- $to := .to -}}
{{- $v := .root.Values -}}
{{- include "kit.validate.resources" (dict "to" $to "node" $v "path" "") -}}
{{- $sections := dict "pods" $v.pods "apiServer" $v.apiServer "scheduler" $v.scheduler "dagProcessor" $v.dagProcessor
  "triggerer" $v.triggerer "workers" $v.workers "migrations" $v.migrations "keys.bootstrap" $v.keys.bootstrap "postgres" $v.postgres
  "workers.celery" $v.workers.celery "broker.redis" $v.broker.redis
  "broker.rabbitmq" $v.broker.rabbitmq "flower" $v.flower "pgbouncer" $v.pgbouncer -}}
{{- range $v.workers.celery.groups -}}
{{- $name := printf "workers.celery.groups[%s]" (get . "name" | toString) -}}
{{- include "kit.validate.volumes" (dict "to" $to "section" $name "volumes" .extraVolumes) -}}
{{- end -}}
{{- range $section, $own := $sections -}}
{{- include "kit.validate.volumes" (dict "to" $to "section" $section "volumes" $own.extraVolumes) -}}
{{- if and (hasKey $own "serviceAccount") (not $own.serviceAccount.create) (not $own.serviceAccount.name) -}}
{{- include "kit.problem" (dict "to" $to "id" "service-account-unnamed"
  "what" (printf "%s.serviceAccount.create is false, and its name is empty" $section)
  "why" "The pods would use a service account that nobody creates, and would never start."
  "paste" (include "kit.validate.nested" (dict "section" $section
    "text" "serviceAccount:\n  create: false\n  name: my-account"))) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* YAML below a section that may be nested, such as keys.bootstrap. Input: section, text. Output: text. */}}
{{- define "kit.validate.nested" -}}
{{- $text := .text -}}
{{- range splitList "." .section | reverse -}}
{{- $text = printf "%s:\n%s" . ($text | indent 2) -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{/*
Volumes of the chart that a user's must not replace: they hold what the pods cannot do without. `tmp`, `logs`, `dags` and `shm`
may be replaced. Input: to (see kit.problem), section, volumes. Output: nothing.
*/}}
{{- define "kit.validate.volumes" -}}
{{- $in := . -}}
{{- range .volumes -}}
{{- if regexMatch "^(config|secrets|password|pod-templates|smoke|local-settings|plugins|log-claim|bundles|git-.*)$" (.name | toString) -}}
{{- include "kit.problem" (dict "to" $in.to "id" "volume-name-taken"
  "what" (printf "%s.extraVolumes contains a volume named %s, which is a name of the chart" $in.section .name)
  "why" "It would replace the chart's own volume of this name, which the pods cannot do without."
  "paste" (include "kit.validate.nested" (dict "section" $in.section
    "text" (printf "extraVolumes:\n  - name: my-%s\n    ...\nextraVolumeMounts:\n  - name: my-%s\n    ..." .name .name)))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
