{{/* The LocalExecutor: tasks are processes of the scheduler. Input: the root. Output: the role. */}}
{{- define "kit.executor.LocalExecutor.runsIn" -}}scheduler{{- end -}}

{{/* Its class. Input: nothing. Output: the path. */}}
{{- define "kit.executor.LocalExecutor.path" -}}
airflow.executors.local_executor.LocalExecutor
{{- end -}}

{{/* It needs no variables. Input: root, role. Output: YAML list entries. */}}
{{- define "kit.executor.LocalExecutor.env" -}}{{- end -}}
