{{/*
The auth manager. Each preset is a file, _<preset>.tpl, that defines
  kit.auth.<preset>.path      its class, by its path
  kit.auth.<preset>.env       variables of the API server; takes the root, gives YAML list entries
  kit.auth.<preset>.sources   sources of the volume `secrets` of the API server; takes the root, gives a YAML list
A preset with rules has them in _validate_<preset>.tpl. A class by its path is the preset "class". Input: the root. Output: the preset.
*/}}
{{- define "kit.auth.preset" -}}
{{- $manager := .Values.auth.manager -}}
{{- $found := contains "." $manager | ternary "class" $manager -}}
{{- range list "fab" "simple" "keycloak" -}}
{{- if eq (include (printf "kit.auth.%s.path" .) $) $manager -}}{{- $found = . -}}{{- end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* One define of the preset. Input: root, slot. Output: that of the slot. */}}
{{- define "kit.auth.slot" -}}
{{- include (printf "kit.auth.%s.%s" (include "kit.auth.preset" .root) .slot) .root -}}
{{- end -}}

{{/* Path of the class of the auth manager. Input: the root. Output: text. */}}
{{- define "kit.auth.path" -}}{{- include "kit.auth.slot" (dict "root" . "slot" "path") -}}{{- end -}}

{{/*
Variables of the auth manager. That of FAB stands in airflow.cfg, so it needs none. Only the API server authenticates users, but the
other processes read which one it is. Input: root, role. Output: YAML list entries.
*/}}
{{- define "kit.env.auth" -}}
{{- if ne (include "kit.auth.preset" .root) "fab" }}
- {name: AIRFLOW__CORE__AUTH_MANAGER, value: {{ include "kit.auth.path" .root | quote }}}
{{- end }}
{{- if eq .role "api-server" }}
{{ include "kit.auth.slot" (dict "root" .root "slot" "env") }}
{{- end }}
{{- end -}}

{{/* Whether the API server calls a server of log-ins outside of the release. Input: the root. Output: "true" or nothing. */}}
{{- define "kit.auth.callsOut" -}}
{{- $preset := include "kit.auth.preset" . -}}
{{- if or (has $preset (list "keycloak" "class")) (include "kit.webserverConfig" .) -}}true{{- end -}}
{{- end -}}
