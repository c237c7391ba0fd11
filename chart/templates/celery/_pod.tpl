{{/* Parts of the pod of a Celery worker. Input: as for kit.airflow.parts. Output: a YAML map. */}}
{{- define "kit.celery.parts" -}}{{- include "kit.airflow.parts" . -}}{{- end -}}

{{/*
Main container of a Celery worker. Mingle and gossip are messages between workers that Airflow makes no use of.
Input: the root. Output: map entries of a container.
*/}}
{{- define "kit.celery.container" -}}
{{- $celery := .Values.workers.celery -}}
args:
  - airflow
  - celery
  - worker
  - --without-mingle
  - --without-gossip
  - --concurrency
  - {{ $celery.concurrency | int | quote }}
  {{- with $celery.queues }}
  - --queues
  - {{ join "," . | quote }}
  {{- end }}
ports:
  - name: logs
    containerPort: 8793
startupProbe:
  exec:
    command: [python3, -I, /opt/airflow/kit/celery_alive.py, --strict]
  {{- include "kit.probeTiming" $celery.startupProbe | nindent 2 }}
livenessProbe:
  exec:
    command: [python3, -I, /opt/airflow/kit/celery_alive.py]
  {{- include "kit.probeTiming" $celery.livenessProbe | nindent 2 }}
{{- end -}}

{{/* Pod of a Celery worker: its tasks may launch pods. Input: the root. Output: map entries of a PodSpec. */}}
{{- define "kit.celery.pod" -}}
automountServiceAccountToken: {{ .Values.workers.podOperatorRights }}
{{- end -}}
