{{/*
What the chosen DAG mode gives to a pod. Each mode is one file, _<mode>.tpl, that defines kit.dags.<mode>.<slot> for:
  env        variables of every Airflow container; no secret, as all of them must agree on where DAGs are
  volumes    volumes of those who read DAGs
  mounts     mounts of the containers that read DAGs
  longLived  init containers of pods that run for ever: native sidecars, and what must come before them
  once       init containers of worker pods: they end before the task begins
  validate   rules of the mode: one message a line, "<key>: <reason> | <what to paste>"; nothing when all is well
Input: root, slot; role (api-server, scheduler, dag-processor, triggerer, worker, migrate). Output: a YAML list, "[]" if
there is nothing; for validate, text.
*/}}
{{- define "kit.dags.slot" -}}
{{- $mode := include "kit.dags.mode" .root -}}
{{- $text := include (printf "kit.dags.%s.%s" $mode .slot) . | trim -}}
{{- if eq .slot "validate" -}}
{{- $text -}}
{{- else -}}
{{- include "kit.smoke.extend" (dict "root" .root "slot" .slot "entries" ($text | default "[]" | fromYamlArray)) -}}
{{- end -}}
{{- end -}}

{{/* Name of the DAG mode. Input: the root. */}}
{{- define "kit.dags.mode" -}}
{{- .Values.dags.mode -}}
{{- end -}}
