{{/*
Files of a Secret with git credentials. Only what its type needs is mounted; a missing key keeps the pod from starting, and
the pod's events name the key. Input: a credentials section. Output: a YAML list of items.
*/}}
{{- define "kit.dags.credentialItems" -}}
{{- $keys := dict "https" (list "username" "password") "github-app" (list "github-app-private-key") "ssh" (list "ssh-key" "known-hosts") -}}
{{- $wanted := get $keys .type | default list -}}
{{- if and (eq .type "ssh") (not .strictHostKey) -}}{{- $wanted = list "ssh-key" -}}{{- end -}}
{{- range $wanted }}
- {key: {{ . | quote }}, path: {{ . | quote }}}
{{- end }}
{{- end -}}
