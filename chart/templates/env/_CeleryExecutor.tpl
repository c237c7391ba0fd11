{{/* The CeleryExecutor: tasks are processes of Celery workers, which take them from a broker. Input: the root. Output: the role. */}}
{{- define "kit.executor.CeleryExecutor.runsIn" -}}celery{{- end -}}

{{/* Its class. Input: nothing. Output: the path. */}}
{{- define "kit.executor.CeleryExecutor.path" -}}
airflow.providers.celery.executors.celery_executor.CeleryExecutor
{{- end -}}

{{/*
The scheduler fills the queues, and the workers empty them; no other role calls the broker. The results are in the database, whose
URL Airflow uses when it is given no other. Input: root, role. Output: YAML list entries.
*/}}
{{- define "kit.executor.CeleryExecutor.env" -}}
{{- if has .role (list "scheduler" "celery") -}}
- {name: AIRFLOW__CELERY__BROKER_URL_CMD, value: python3 -IS /opt/airflow/kit/broker_url.py}
{{ include "kit.broker.slot" (dict "root" .root "slot" "env") }}
{{- end }}
{{- if eq .role "celery" }}
# dumb-init would send SIGTERM to the running tasks as well; the worker alone knows how to let them end.
- {name: DUMB_INIT_SETSID, value: "0"}
{{- end }}
{{- end -}}
