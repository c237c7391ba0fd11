{{/* Rules of the Celery workers. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.celery" -}}
{{- $to := .to -}}
{{- $root := .root -}}
{{- $names := list -}}
{{- include "kit.validate.celeryAutoscaling" . -}}
{{- range $number, $group := .root.Values.workers.celery.groups -}}
{{- $name := $group.name | default "" -}}
{{- $names = append $names $name -}}
{{- if not $name -}}
{{- include "kit.problem" (dict "to" $to "id" "celery-group-unnamed" "what" (printf "workers.celery.groups[%d] has no name" $number)
  "why" "The name is part of the names of its pods."
  "paste" "workers:\n  celery:\n    groups:\n      - name: big\n        queues: [big]") -}}
{{- else if gt (len (include "kit.name" (dict "root" $root "component" (printf "celery-%s" $name)))) 52 -}}
{{- include "kit.problem" (dict "to" $to "id" "celery-group-name-long"
  "what" (printf "The name of the group %s is too long for this release" $name)
  "why" (list "With the prefix of the release, a StatefulSet's name has at most 52 characters, because Kubernetes writes it,"
    "with a hash, into a label.")
  "paste" (list "fullnameOverride: airflow" "# or a shorter name of the group")) -}}
{{- end -}}
{{- if not $group.queues -}}
{{- include "kit.problem" (dict "to" $to "id" "celery-group-without-queue"
  "what" (printf "The group %s of workers.celery.groups serves no queue" ($name | default $number))
  "why" "Its workers would take tasks of the default queue, which workers.celery serves."
  "paste" (list "workers:" "  celery:" "    groups:" (printf "      - name: %s" ($name | default "big"))
    (printf "        queues: [%s]" ($name | default "big")))) -}}
{{- end -}}
{{- end -}}
{{- if ne (len $names) (len (uniq $names)) -}}
{{- include "kit.problem" (dict "to" $to "id" "celery-group-twice"
  "what" (printf "workers.celery.groups contains two groups of one name: %s" (join ", " $names))
  "why" "The name is the name of a StatefulSet." "paste" "(rename one of them)") -}}
{{- end -}}
{{- if has "default" $names -}}
{{- include "kit.problem" (dict "to" $to "id" "celery-group-twice"
  "what" "workers.celery.groups contains a group named default"
  "why" "It is the name of the group that workers.celery itself describes."
  "paste" "workers:\n  celery:\n    queues: [default]   # the group `default`") -}}
{{- end -}}
{{- end -}}
