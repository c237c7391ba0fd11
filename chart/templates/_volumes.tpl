{{/* Whether a role reads DAG files, or plugins beside them. Input: root, role. Output: "true" or nothing. */}}
{{- define "kit.readsDags" -}}
{{- if has .role (list "dag-processor" "triggerer") -}}true
{{- else if include "kit.runsTasks" . -}}true
{{- else if has .role (list "scheduler" "api-server") -}}{{- include "kit.dags.pluginsMounted" .root -}}
{{- end -}}
{{- end -}}

{{/* Whether a role reads or writes task logs. Input: root, role. Output: "true" or nothing. */}}
{{- define "kit.sharesLogs" -}}
{{- if has .role (list "api-server" "triggerer") -}}true{{- else -}}{{- include "kit.runsTasks" . -}}{{- end -}}
{{- end -}}

{{/* Volumes of an Airflow pod: configuration, secrets, /tmp, logs. Input: root, role. Output: a YAML list. */}}
{{- define "kit.airflowVolumes" -}}
- name: config
  configMap:
    name: {{ include "kit.name" (dict "root" .root "component" "config") }}
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
{{- if and .root.Values.logs.persistence.enabled (include "kit.sharesLogs" .) }}
- name: logs
  persistentVolumeClaim:
    claimName: {{ include "kit.logsClaim" .root | quote }}
{{- else }}
- name: logs
  emptyDir:
    sizeLimit: 2Gi
{{- end }}
{{- with concat (include "kit.secretVolumes" . | fromYamlArray) (include "kit.extension.volumes" . | fromYamlArray) }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
Mounts of an Airflow container for those volumes. Of the home only the folders that tools write: the official image has Airflow
in ~/.local, and its home is the same for every user ID. Input: root, role. Output: a YAML list.
*/}}
{{- define "kit.airflowMounts" -}}
- name: config
  mountPath: /opt/airflow/airflow.cfg
  subPath: airflow.cfg
  readOnly: true
- name: tmp
  mountPath: /tmp
- name: tmp
  mountPath: /home/airflow/.cache
  subPath: home/cache
- name: tmp
  mountPath: /home/airflow/.config
  subPath: home/config
- {{ include "kit.logsMount" . }}
{{- if ne .role "worker" }}
{{ include "kit.scriptMounts" . }}
{{- end }}
{{- if include "kit.pooled" . }}
# Airflow imports settings from its config folder.
- name: config
  mountPath: /opt/airflow/config/airflow_kit_pooler.py
  subPath: airflow_kit_pooler.py
  readOnly: true
{{- end }}
{{- with include "kit.extension.mounts" . | fromYamlArray }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Mount of the logs: of a shared claim perhaps one folder. Input: root, role. Output: JSON. */}}
{{- define "kit.logsMount" -}}
{{- $mount := dict "name" "logs" "mountPath" "/opt/airflow/logs" -}}
{{- $logs := .root.Values.logs.persistence -}}
{{- if and $logs.enabled $logs.subPath (include "kit.sharesLogs" .) -}}{{- $_ := set $mount "subPath" $logs.subPath -}}{{- end -}}
{{- toJson $mount -}}
{{- end -}}

{{/* Mounts that the kit's scripts need: themselves, and the secrets of the role. Input: none. Output: a YAML list. */}}
{{- define "kit.scriptMounts" -}}
- name: config
  mountPath: /opt/airflow/kit
  readOnly: true
- name: secrets
  mountPath: /opt/airflow/secrets
  readOnly: true
{{- end -}}
