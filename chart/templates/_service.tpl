{{/* IP families of a Service. Input: a section with ipFamilyPolicy and ipFamilies. Output: map entries of a ServiceSpec, or nothing. */}}
{{- define "kit.serviceFamilies" -}}
{{- with .ipFamilyPolicy -}}
ipFamilyPolicy: {{ . }}
{{ end }}
{{- with .ipFamilies -}}
ipFamilies: {{ toJson . }}
{{- end -}}
{{- end -}}
