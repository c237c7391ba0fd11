{{/*
Contents of the configuration, without any secret: airflow.cfg byte for byte (it never goes through tpl) the scripts
that pods run, and the cluster policies. Input: the root. Output: a JSON map, since reading so much YAML takes a tenth of a render.
*/}}
{{- define "kit.configData" -}}
{{- $data := dict "airflow.cfg" (.Values.templates.airflowCfg | default (.Files.Get "files/airflow.cfg")) -}}
{{- with .Values.airflowLocalSettings.text -}}
{{- $_ := set $data "airflow_local_settings.py" . -}}
{{- end -}}
{{- range list "files/*.py" "files/policy/*" -}}
{{- range $path, $_ := $.Files.Glob . -}}
{{- $_ := set $data (base $path) ($.Files.Get $path) -}}
{{- end -}}
{{- end -}}
{{- toJson $data -}}
{{- end -}}
