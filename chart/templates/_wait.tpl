{{/*
Init container that waits for the database. It bypasses the image's entrypoint and imports no Airflow, so it costs a
fraction of a second. Input: root, role, env (the main container's, as YAML), target ("connect": the database answers;
"migrated": it has the schema of this image). Output: map entries of a container.
*/}}
{{- define "kit.waitContainer" -}}
name: wait-for-database
image: {{ include "kit.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
command: [python3, -I, /opt/airflow/kit/wait_for_database.py, {{ .target }}]
env:
  {{- .env | nindent 2 }}
{{- with .root.Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
resources:
  requests:
    cpu: 10m
    memory: 32Mi
securityContext:
  {{- include "kit.containerSecurityContext" . | nindent 2 }}
volumeMounts:
  - name: config
    mountPath: /opt/airflow/airflow.cfg
    subPath: airflow.cfg
    readOnly: true
  {{- include "kit.scriptMounts" . | nindent 2 }}
  - name: tmp
    mountPath: /tmp
{{- end -}}

{{/* Seconds until a rollout counts as failed: the wait for the database is part of it. Input: the root. Output: a number. */}}
{{- define "kit.progressDeadlineSeconds" -}}
{{- add .Values.database.waitTimeoutSeconds 600 -}}
{{- end -}}
