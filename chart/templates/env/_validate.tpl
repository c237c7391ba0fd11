{{/* Rules of the list of executors. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.env" -}}
{{- $to := .to -}}
{{- $root := .root -}}
{{- $executors := .root.Values.executors -}}
{{- $renamed := include "kit.executorsOfAirflow2" .root | fromYaml -}}
{{- if not $executors -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-empty" "what" "executors is empty"
  "why" "Without an executor no task ever runs." "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- range $executors -}}
{{- if hasKey $renamed . -}}
{{- include "kit.problem" (dict "to" $to "id" "executor-of-airflow-2"
  "what" (printf "executors names %s, which Airflow 3 has no more" .)
  "why" "Airflow 3 takes a list of executors; a task picks one by `executor=`." "paste" (get $renamed .)) -}}
{{- else if not (include "kit.executor.slot" (dict "root" $root "executor" . "slot" "runsIn")) -}}
{{- include "kit.problem" (dict "to" $to "id" "executor-unknown"
  "what" (printf "executors names %s, which this chart does not deploy" .)
  "why" (printf "It deploys %s." (include "kit.executors" $root | fromJsonArray | join ", "))
  "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- end -}}
{{- if ne (len $executors) (len (uniq $executors)) -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-twice" "what" "executors names one twice"
  "why" "Airflow knows an executor by its name." "paste" (printf "executors: [%s]" (uniq $executors | join ", "))) -}}
{{- end -}}
{{- end -}}

{{/* Executors that Airflow 3 dropped, each with what to write instead. Input: none. Output: a YAML map. */}}
{{- define "kit.executorsOfAirflow2" -}}
CeleryKubernetesExecutor: >-
  executors: [KubernetesExecutor]  # Airflow 3 writes the hybrid as [CeleryExecutor, KubernetesExecutor]; this chart has no
  Celery workers
LocalKubernetesExecutor: "executors: [LocalExecutor, KubernetesExecutor]"
SequentialExecutor: "executors: [LocalExecutor]"
DebugExecutor: "executors: [LocalExecutor]"
{{- end -}}
