{{/*
What the chosen DAG mode gives to a pod. Each mode is one file, _<mode>.tpl, that defines kit.dags.<mode>.<slot> for:
  env        variables of every Airflow container, without secrets: all of them must agree on where DAGs are
  volumes    volumes of the pods that read DAGs
  mounts     mounts of the containers that read DAGs
  longLived  init containers of pods that keep running: native sidecars, and what must run before them
  once       init containers of worker pods: they end before the task begins
and, in _<mode>_validate.tpl if it has any, its rules: kit.dags.<mode>.validate (see kit.validate).
A slot gives a YAML list, or nothing.
Input: root, slot, role (api-server, scheduler, dag-processor, triggerer, worker, migrate). Output: a JSON list.
*/}}
{{- define "kit.dags.slot" -}}
{{- $text := include (printf "kit.dags.%s.%s" (include "kit.dags.mode" .root) .slot) . | trim -}}
{{- $entries := $text | default "[]" | fromYamlArray -}}
{{- if eq .slot "env" -}}{{- $entries = concat $entries (include "kit.dags.pluginsEnv" .root | fromJsonArray) -}}{{- end -}}
{{- include "kit.smoke.extend" (dict "root" .root "slot" .slot "entries" $entries) -}}
{{- end -}}

{{/* Name of the DAG mode. Input: the root. Output: text. */}}
{{- define "kit.dags.mode" -}}
{{- .Values.dags.mode -}}
{{- end -}}
