{{/*
Contents of the configuration, as a YAML map: airflow.cfg byte for byte (it never goes through tpl) and the scripts that
pods run. Input: the root. No secret is in it.
*/}}
{{- define "kit.configData" -}}
airflow.cfg: {{ .Values.templates.airflowCfg | default (.Files.Get "files/airflow.cfg") | toJson }}
{{- range $path, $_ := .Files.Glob "files/*.py" }}
{{ base $path }}: {{ $.Files.Get $path | toJson }}
{{- end }}
{{- end -}}
