{{/* Rules of the list of executors, and of variables. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.env" -}}
{{- $to := .to -}}
{{- include "kit.validate.variables" . -}}
{{- $roles := include "kit.executor.roles" .root | fromJson -}}
{{- $executors := .root.Values.executors -}}
{{- if not $executors -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-empty" "what" "executors is empty"
  "why" "Without an executor no task can run." "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- $once := list -}}
{{- $seen := list -}}
{{- range $place, $name := include "kit.executors" .root | fromJsonArray -}}
{{- if not (hasKey $roles $name) -}}
{{- include "kit.validate.refuseExecutor" (dict "to" $to "executor" $name "known" (keys $roles | sortAlpha)) -}}
{{- end -}}
{{- $entry := index $executors $place -}}
{{- $called := contains ":" $entry | ternary (first (splitList ":" $entry)) (last (splitList "." $name)) -}}
{{- if not (or (has $name $seen) (has $called $seen)) -}}{{- $once = append $once $entry -}}{{- end -}}
{{- $seen = concat $seen (list $name $called) -}}
{{- end -}}
{{- if ne (len $executors) (len $once) -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-twice" "what" "executors contains the same executor twice"
  "why" "Airflow takes each class once, and tasks select an executor by its alias or the name of its class."
  "paste" (printf "executors: [%s]" ($once | join ", "))) -}}
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
  "why" (printf "It supports %s, and classes by their path, such as my_package.my_module.MyExecutor." (join ", " .known))
  "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- end -}}
