{{/* Timing of a probe. Input: a probe of the values. Output: map entries of a probe. */}}
{{- define "kit.probeTiming" -}}
periodSeconds: {{ .periodSeconds | int }}
timeoutSeconds: {{ .timeoutSeconds | int }}
failureThreshold: {{ .failureThreshold | int }}
{{- end -}}

{{/*
Probes of a component without a port: they check the age of the heartbeat that its job writes to the database. The script
asks the database itself; `airflow jobs check` imports Airflow, which costs seconds of CPU each time.
Input: values, job (Airflow's job type). Output: map entries of a container: startupProbe and livenessProbe.
*/}}
{{- define "kit.heartbeatProbes" -}}
startupProbe:
  exec:
    command: [python3, -I, /opt/airflow/kit/heartbeat.py, {{ .job }}, --strict]
  {{- include "kit.probeTiming" .values.startupProbe | nindent 2 }}
livenessProbe:
  exec:
    command: [python3, -I, /opt/airflow/kit/heartbeat.py, {{ .job }}]
  {{- include "kit.probeTiming" .values.livenessProbe | nindent 2 }}
{{- end -}}
