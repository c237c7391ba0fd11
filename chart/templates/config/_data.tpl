{{/*
Contents of the configuration, without any secret: airflow.cfg byte for byte (it never goes through tpl) and the scripts
that pods run. Input: the root. Output: a YAML map.
*/}}
{{- define "kit.configData" -}}
airflow.cfg: {{ .Values.templates.airflowCfg | default (.Files.Get "files/airflow.cfg") | toJson }}
{{- range $path, $_ := .Files.Glob "files/*.py" }}
{{ base $path }}: {{ $.Files.Get $path | toJson }}
{{- end }}
{{- end -}}
