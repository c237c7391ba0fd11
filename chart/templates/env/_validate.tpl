{{/* Rules of the list of executors. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.env" -}}
{{- $to := .to -}}
{{- $roles := include "kit.executor.roles" .root | fromJson -}}
{{- $executors := .root.Values.executors -}}
{{- if not $executors -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-empty" "what" "executors is empty"
  "why" "Without an executor no task can run." "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- range $executors -}}
{{- if not (hasKey $roles .) -}}
{{- include "kit.validate.refuseExecutor" (dict "to" $to "executor" . "known" (keys $roles | sortAlpha)) -}}
{{- end -}}
{{- end -}}
{{- if ne (len $executors) (len (uniq $executors)) -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-twice" "what" "executors contains the same executor twice"
  "why" "Airflow identifies an executor by its name." "paste" (printf "executors: [%s]" (uniq $executors | join ", "))) -}}
{{- end -}}
{{- end -}}

{{/*
Refuses an executor that the chart does not deploy. Input: to (see kit.problem), executor, known (the list of those that it
deploys). Output: nothing.
*/}}
{{- define "kit.validate.refuseExecutor" -}}
{{- $instead := dict
  "CeleryKubernetesExecutor" "executors: [CeleryExecutor, KubernetesExecutor]"
  "LocalKubernetesExecutor" "executors: [LocalExecutor, KubernetesExecutor]"
  "SequentialExecutor" "executors: [LocalExecutor]"
  "DebugExecutor" "executors: [LocalExecutor]" -}}
{{- if hasKey $instead .executor -}}
{{- include "kit.problem" (dict "to" .to "id" "executor-of-airflow-2"
  "what" (printf "executors contains %s, which Airflow 3 does not have" .executor)
  "why" "Airflow 3 takes a list of executors instead of combined ones; a task picks one with `executor=`."
  "paste" (get $instead .executor)) -}}
{{- else -}}
{{- include "kit.problem" (dict "to" .to "id" "executor-unknown"
  "what" (printf "executors contains %s, which this chart does not support" .executor)
  "why" (printf "It supports %s." (join ", " .known))
  "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- end -}}
