{{/* The KubernetesExecutor: each task is a worker pod, launched by the scheduler. Input: the root. Output: the role. */}}
{{- define "kit.executor.KubernetesExecutor.runsIn" -}}worker{{- end -}}

{{/* Its class. Input: nothing. Output: the path. */}}
{{- define "kit.executor.KubernetesExecutor.path" -}}
airflow.providers.cncf.kubernetes.executors.kubernetes_executor.KubernetesExecutor
{{- end -}}

{{/*
The API server needs the namespace too: it reads logs of running tasks from their pods. worker_container_* stay empty,
because both together would override the image of every pod template; the bundled example_kubernetes_executor cannot be
parsed without them, so they come with the examples. Input: root, role. Output: YAML list entries.
*/}}
{{- define "kit.executor.KubernetesExecutor.env" -}}
{{- $v := .root.Values -}}
- {name: AIRFLOW__KUBERNETES_EXECUTOR__NAMESPACE, value: {{ include "kit.executorNamespace" .root | quote }}}
{{- if and $v.dags.loadExamples (not $v.image.digest) }}
- {name: AIRFLOW__KUBERNETES_EXECUTOR__WORKER_CONTAINER_REPOSITORY, value: {{ $v.image.repository | quote }}}
- {name: AIRFLOW__KUBERNETES_EXECUTOR__WORKER_CONTAINER_TAG, value: {{ $v.image.tag | default $v.airflowVersion | quote }}}
{{- end }}
{{- if eq .role "scheduler" }}
- name: AIRFLOW__KUBERNETES_EXECUTOR__WORKER_PODS_CREATION_BATCH_SIZE
  value: {{ $v.workers.creationBatchSize | int | quote }}
- name: AIRFLOW__KUBERNETES_EXECUTOR__DELETE_WORKER_PODS
  value: {{ $v.workers.deletePods | ternary "True" "False" | quote }}
- name: AIRFLOW__KUBERNETES_EXECUTOR__DELETE_WORKER_PODS_ON_FAILURE
  value: {{ $v.workers.deletePodsOnFailure | ternary "True" "False" | quote }}
{{- end }}
{{- end -}}
