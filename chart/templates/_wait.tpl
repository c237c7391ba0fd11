{{/*
Init container that waits for the database. It bypasses the image's entrypoint and imports no Airflow, so it costs a
fraction of a second. It has the resources of the main container, which costs nothing, since both never run at once.
Input: root, role, section, env (as YAML), target ("connect": the database answers; "migrated": it has the schema of this image).
Output: map entries of a container.
*/}}
{{- define "kit.waitContainer" -}}
{{- $container := include "kit.wait.own" . | fromYaml -}}
{{- include "kit.container" (dict "section" .section "container" $container) | fromJson | toYaml -}}
{{- end -}}

{{/* That container without what the values add. Input: as above. Output: map entries of a container. */}}
{{- define "kit.wait.own" -}}
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
