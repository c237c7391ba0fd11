{{/* Keys that a role holds; commands read them from files. Input: root, role. Output: YAML list entries. */}}
{{- define "kit.env.keys" -}}
{{- $options := dict "fernet-key" "CORE__FERNET_KEY" "jwt-secret" "API_AUTH__JWT_SECRET" "api-secret-key" "API__SECRET_KEY" -}}
{{- range $key := include "kit.secretKeys" . | fromJsonArray }}
{{- with get $options $key }}
- {name: AIRFLOW__{{ . }}_CMD, value: cat /opt/airflow/secrets/{{ $key }}}
{{- end }}
{{- end }}
{{- end -}}
