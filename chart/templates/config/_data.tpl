{{/*
Contents of the configuration, without any secret: airflow.cfg byte for byte (it never goes through tpl) the scripts
that pods run, and the cluster policies. Input: the root. Output: a YAML map.
*/}}
{{- define "kit.configData" -}}
airflow.cfg: {{ .Values.templates.airflowCfg | default (.Files.Get "files/airflow.cfg") | toJson }}
{{- with .Values.airflowLocalSettings.text }}
airflow_local_settings.py: {{ toJson . }}
{{- end }}
{{- range list "files/*.py" "files/policy/*" }}
{{- range $path, $_ := $.Files.Glob . }}
{{ base $path }}: {{ $.Files.Get $path | toJson }}
{{- end }}
{{- end }}
{{- end -}}
