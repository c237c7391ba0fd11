{{/* Rules of the list of executors. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.env" -}}
{{- $to := .to -}}
{{- $roles := include "kit.executor.roles" .root | fromJson -}}
{{- $executors := .root.Values.executors -}}
{{- if not $executors -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-empty" "what" "executors is empty"
  "why" "Without an executor no task ever runs." "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- range $executors -}}
{{- if not (hasKey $roles .) -}}
{{- include "kit.validate.refuseExecutor" (dict "to" $to "executor" . "known" (keys $roles | sortAlpha)) -}}
{{- end -}}
{{- end -}}
{{- if ne (len $executors) (len (uniq $executors)) -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-twice" "what" "executors names one twice"
  "why" "Airflow knows an executor by its name." "paste" (printf "executors: [%s]" (uniq $executors | join ", "))) -}}
{{- end -}}
{{- end -}}

{{/*
Refuses an executor that the chart does not deploy. Input: to (see kit.problem), executor, known (the list of those that it
deploys). Output: nothing.
*/}}
{{- define "kit.validate.refuseExecutor" -}}
{{- $instead := dict
  "CeleryKubernetesExecutor" (print "executors: [KubernetesExecutor]  # Airflow 3 writes the hybrid as [CeleryExecutor, "
    "KubernetesExecutor]; this chart has no Celery workers")
  "LocalKubernetesExecutor" "executors: [LocalExecutor, KubernetesExecutor]"
  "SequentialExecutor" "executors: [LocalExecutor]"
  "DebugExecutor" "executors: [LocalExecutor]" -}}
{{- if hasKey $instead .executor -}}
{{- include "kit.problem" (dict "to" .to "id" "executor-of-airflow-2"
  "what" (printf "executors names %s, which Airflow 3 has no more" .executor)
  "why" "Airflow 3 takes a list of executors; a task picks one by `executor=`." "paste" (get $instead .executor)) -}}
{{- else -}}
{{- include "kit.problem" (dict "to" .to "id" "executor-unknown"
  "what" (printf "executors names %s, which this chart does not deploy" .executor)
  "why" (printf "It deploys %s." (join ", " .known))
  "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- end -}}
