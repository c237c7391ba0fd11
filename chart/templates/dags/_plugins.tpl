{{/*
Folder of plugins that the DAG source brings: dags.plugins, or [core] plugins_folder where it lies below dags.path. The
scheduler and the API server need it as well, since they import timetables and show views of plugins.
Input: the root. Output: an absolute path, or nothing.
*/}}
{{- define "kit.dags.pluginsFolder" -}}
{{- $top := trimSuffix "/" .Values.dags.path -}}
{{- with trimAll "/" .Values.dags.plugins -}}
{{- $source := eq (include "kit.dags.mode" $) "git" | ternary (printf "%s/repo" $top) $top -}}
{{- printf "%s/%s" $source . -}}
{{- else -}}
{{- $folder := dig "core" "plugins_folder" "" .Values.config | toString -}}
{{- range .Values.env -}}
{{- if eq .name "AIRFLOW__CORE__PLUGINS_FOLDER" -}}{{- $folder = .value | default "" -}}{{- end -}}
{{- end -}}
{{- if or (eq $folder $top) (hasPrefix (printf "%s/" $top) $folder) -}}{{- $folder -}}{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether the scheduler and the API server mount DAGs for the sake of plugins. Input: the root. Output: "true" or nothing. */}}
{{- define "kit.dags.pluginsMounted" -}}
{{- if has (include "kit.dags.mode" .) (list "git" "pvc") -}}
{{- with include "kit.dags.pluginsFolder" . -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Variable of every Airflow container for dags.plugins. Input: the root. Output: a JSON list. */}}
{{- define "kit.dags.pluginsEnv" -}}
{{- if .Values.dags.plugins -}}
{{- list (dict "name" "AIRFLOW__CORE__PLUGINS_FOLDER" "value" (include "kit.dags.pluginsFolder" .)) | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}
