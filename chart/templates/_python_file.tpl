{{/*
A file of the user's that Airflow imports: its text, a ConfigMap or a Secret. Input: a section (text, configMap, secret). Output:
"text", "configMap", "secret" or nothing.
*/}}
{{- define "kit.pythonFile" -}}
{{- if .text -}}text{{- else if .configMap -}}configMap{{- else if .secret -}}secret{{- end -}}
{{- end -}}

{{/*
The volume of such a file. Input: name, of the volume; section; file, its name in the pod; ours, the chart's ConfigMap that has the
text. Output: a YAML list of one volume, or of none.
*/}}
{{- define "kit.pythonFile.volumes" -}}
{{- $source := include "kit.pythonFile" .section -}}
{{- if $source }}
{{- $items := list (dict "key" (eq $source "text" | ternary .file .section.key) "path" .file) }}
- name: {{ .name }}
  {{- if eq $source "secret" }}
  secret: {{ dict "secretName" .section.secret "items" $items "defaultMode" 288 | toJson }}
  {{- else }}
  configMap: {{ dict "name" (.section.configMap | default .ours) "items" $items | toJson }}
  {{- end }}
{{- else -}}
[]
{{- end }}
{{- end -}}
