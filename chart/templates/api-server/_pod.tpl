{{/* Parts of the pod of the API server. Input: as for kit.airflow.parts. Output: a YAML map. */}}
{{- define "kit.api-server.parts" -}}{{- include "kit.airflow.parts" . -}}{{- end -}}

{{/* Main container of the API server. Input: the root. Output: map entries of a container. */}}
{{- define "kit.api-server.container" -}}
{{- $path := include "kit.basePath" . -}}
args: [airflow, api-server, --port, "8080", --workers, {{ .Values.apiServer.workers | int | quote }}, --proxy-headers]
ports:
  - name: http
    containerPort: 8080
startupProbe:
  httpGet: {path: {{ $path }}/api/v2/version, port: http}
  {{- include "kit.probeTiming" .Values.apiServer.startupProbe | nindent 2 }}
# Ready means that tasks can report here. The path asks no database, so that a slow one does not make every pod unready.
readinessProbe:
  httpGet: {path: {{ $path }}/execution/health, port: http}
  {{- include "kit.probeTiming" .Values.apiServer.readinessProbe | nindent 2 }}
livenessProbe:
  httpGet: {path: {{ $path }}/api/v2/version, port: http}
  {{- include "kit.probeTiming" .Values.apiServer.livenessProbe | nindent 2 }}
# Requests keep arriving until every node knows that this pod is ending. Without the pause, running tasks meet errors.
lifecycle:
  preStop:
    sleep: {seconds: 5}
{{- if include "kit.webserverConfig" . }}
volumeMounts:
  - {name: webserver-config, mountPath: /opt/airflow/webserver_config.py, subPath: webserver_config.py, readOnly: true}
{{- end }}
{{- end -}}

{{/* Where webserver_config.py comes from. Input: the root. Output: "text", "configMap", "secret" or nothing. */}}
{{- define "kit.webserverConfig" -}}{{- include "kit.pythonFile" .Values.apiServer.webserverConfig -}}{{- end -}}

{{/*
Pod of the API server: with the KubernetesExecutor it reads logs of running tasks from their pods. Input: the root. Output:
map entries of a PodSpec.
*/}}
{{- define "kit.api-server.pod" -}}
automountServiceAccountToken: {{ include "kit.hasExecutor" (dict "root" . "executor" "KubernetesExecutor") | eq "true" }}
{{- $source := include "kit.webserverConfig" . }}
{{- $own := .Values.apiServer.webserverConfig }}
{{- if eq $source "text" }}
annotations:
  checksum/webserver-config: {{ $own.text | sha256sum | trunc 16 }}
{{- end }}
{{- if $source }}
volumes:
  {{- include "kit.pythonFile.volumes" (dict "name" "webserver-config" "section" $own "file" "webserver_config.py"
    "ours" (include "kit.name" (dict "root" . "component" "webserver-config"))) | nindent 2 }}
{{- end }}
{{- end -}}
