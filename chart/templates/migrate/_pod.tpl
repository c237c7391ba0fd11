{{/*
Pod template of the Job that migrates the database and makes the first user. The Job's name is a hash of this text: any
change of it, even of a comment, runs the Job again at the next upgrade. Input: the root. Output: map entries of a
PodTemplateSpec.
*/}}
{{- define "kit.migrate.podTemplate" -}}
{{- $of := dict "root" . "component" "migrate" "values" (include "kit.jobPlacement" . | fromYaml) -}}
{{- $role := dict "root" . "role" "migrate" -}}
{{- $env := include "kit.env" (merge (dict "env" (include "kit.migrate.env" . | fromYamlArray)) $role) -}}
metadata:
  labels:
    {{- include "kit.podLabels" $of | nindent 4 }}
  annotations:
    {{- include "kit.checksums" . | nindent 4 }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "kit.name" $of }}
  automountServiceAccountToken: false
  securityContext:
    {{- include "kit.podSecurityContext" . | nindent 4 }}
  {{- include "kit.podBasics" $of | nindent 2 }}
  initContainers:
    - {{- include "kit.waitContainer" (merge (dict "target" "connect" "env" $env) $role) | nindent 6 }}
  containers:
    - name: migrate
      image: {{ include "kit.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [python, /opt/airflow/kit/migrate.py]
      env:
        {{- $env | nindent 8 }}
      {{- with .Values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      resources:
        {{- toYaml .Values.migrations.resources | nindent 8 }}
      securityContext:
        {{- include "kit.containerSecurityContext" . | nindent 8 }}
      volumeMounts:
        {{- include "kit.airflowMounts" $role | nindent 8 }}
  volumes:
    {{- include "kit.airflowVolumes" $role | nindent 4 }}
{{- end -}}

{{/* Variables that describe the first user; the password stays in a file. Input: the root. Output: a YAML list. */}}
{{- define "kit.migrate.env" -}}
{{- with .Values.admin -}}
{{- if .create -}}
- {name: KIT_ADMIN_USERNAME, value: {{ .username | quote }}}
- {name: KIT_ADMIN_EMAIL, value: {{ .email | quote }}}
- {name: KIT_ADMIN_FIRST_NAME, value: {{ .firstName | quote }}}
- {name: KIT_ADMIN_LAST_NAME, value: {{ .lastName | quote }}}
- {name: KIT_ADMIN_ROLE, value: {{ .role | quote }}}
{{- else -}}
[]
{{- end -}}
{{- end -}}
{{- end -}}
