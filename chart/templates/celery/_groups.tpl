{{/*
The groups of Celery workers: that of workers.celery first, then workers.celery.groups. Each is written by the same templates, from
a root in which `workers.celery` is the group's, merged as a section is merged over `pods` (see kit.pods.over).
Input: the root. Output: a JSON map from the group's name ("" for the first) to its `workers.celery`.
*/}}
{{- define "kit.celery.groups" -}}
{{- $celery := .Values.workers.celery -}}
{{- $groups := dict "" (include "kit.celery.labelled" (dict "section" $celery "group" "default") | fromJson) -}}
{{- range $group := $celery.groups -}}
{{- $merged := include "kit.pods.over" (dict "common" (omit $celery "groups" "replicas" "queues" "autoscaling") "own" $group) | fromJson -}}
{{- $replicas := hasKey $group "replicas" | ternary (get $group "replicas") 1 -}}
{{- $_ := set $merged "replicas" $replicas -}}
{{- $_ := set $merged "queues" ($group.queues | default list) -}}
{{- $account := $merged.serviceAccount -}}
{{- if and $group.serviceAccount $account.create (not $account.name) -}}
{{- $_ := set $account "name" (include "kit.name" (dict "root" $ "component" (printf "celery-%s" $group.name))) -}}
{{- end -}}
{{- $scaling := dict "common" ($celery.autoscaling | default dict) "own" $group.autoscaling -}}
{{- $_ := set $merged "autoscaling" (include "kit.celery.mergedScaling" $scaling | fromJson) -}}
{{- $name := $group.name | default "" -}}
{{- $_ := set $groups $name (include "kit.celery.labelled" (dict "section" $merged "group" $name) | fromJson) -}}
{{- end -}}
{{- /* An autoscaler sets the number; written here as well, each upgrade would set it back. */ -}}
{{- range $name, $section := $groups -}}
{{- if include "kit.celery.scaler" (dict "section" $section) -}}{{- $_ := set $section "replicas" nil -}}{{- end -}}
{{- end -}}
{{- toJson $groups -}}
{{- end -}}

{{/* The ServiceAccounts of all Celery workers: a group may have one of its own. Input: the root. Output: a JSON list of names. */}}
{{- define "kit.celery.accounts" -}}
{{- $accounts := list -}}
{{- range include "kit.celery.groups" . | fromJson -}}
{{- $accounts = append $accounts (include "kit.serviceAccountName" (dict "root" $ "component" "celery" "values" .)) -}}
{{- end -}}
{{- $accounts | uniq | sortAlpha | toJson -}}
{{- end -}}

{{/* The label that tells the pods of the groups apart. Input: group. Output: a JSON map. */}}
{{- define "kit.celery.label" -}}{{- dict "airflow-kit.io/worker-group" .group | toJson -}}{{- end -}}

{{/* Adds that label to a section. Input: section, group. Output: JSON of the section. */}}
{{- define "kit.celery.labelled" -}}
{{- $labels := merge (include "kit.celery.label" . | fromJson) (.section.podLabels | default dict) -}}
{{- set (omit .section "podLabels") "podLabels" $labels | toJson -}}
{{- end -}}

{{/*
What the objects of a group need: the root in which workers.celery is the group's, the suffix of its names, its label. The
root of the release stays as it is. Input: root, group (its name, "" for the first), section, to (a dict, in which root, suffix
and label are set). Output: nothing.
*/}}
{{- define "kit.celery.group" -}}
{{- $workers := set (omit .root.Values.workers "celery") "celery" .section -}}
{{- $values := set (omit .root.Values "workers") "workers" $workers -}}
{{- $_ := set .to "root" (set (omit .root "Values") "Values" $values) -}}
{{- $_ := set .to "suffix" (list "celery" .group | compact | join "-") -}}
{{- $_ := set .to "label" (include "kit.celery.label" (dict "group" (.group | default "default")) | fromJson) -}}
{{- end -}}
