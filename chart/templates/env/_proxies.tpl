{{/*
What the API server knows about the proxies before it. An empty text of FORWARDED_ALLOW_IPS trusts nobody; without the
variable, the server trusts 127.0.0.1. Input: the root. Output: YAML list entries.
*/}}
{{- define "kit.env.proxies" -}}
- {name: FORWARDED_ALLOW_IPS, value: {{ join "," .Values.apiServer.trustedProxies | quote }}}
{{- if hasPrefix "https://" (include "kit.baseUrl" .) }}
# The session of the log-in form. Airflow marks its own cookies by the scheme of the request, but not this one.
- {name: AIRFLOW__FAB__COOKIE_SECURE, value: "True"}
{{- end }}
{{- end -}}
