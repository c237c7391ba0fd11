{{/* Rules of the auth manager. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.auth" -}}
{{- $preset := include "kit.auth.preset" .root -}}
{{- $v := .root.Values -}}
{{- if and (ne $preset "fab") (include "kit.webserverConfig" .root) -}}
{{- include "kit.problem" (dict "to" .to "id" "webserver-config-unread"
  "what" (printf "apiServer.webserverConfig is set, but auth.manager is %s" $v.auth.manager)
  "why" "Only FAB's auth manager reads webserver_config.py." "paste" "auth:\n  manager: fab") -}}
{{- end -}}
{{- $file := regexFind "(?m)^auth_manager *= *[^ \\n]+" $v.templates.airflowCfg | regexFind "[^ =]+$" -}}
{{- if and $file (ne $file (include "kit.auth.fab.path" .root)) -}}
{{- include "kit.problem" (dict "to" .to "id" "auth-manager-twice"
  "what" (printf "airflow.cfg (templates.airflowCfg) sets auth_manager to %s" $file)
  "why" "auth.manager sets it, together with what the auth manager needs." "paste" (printf "auth:\n  manager: %s" $file)) -}}
{{- end -}}
{{- if has $preset (list "simple" "keycloak") -}}{{- include (printf "kit.validate.auth.%s" $preset) . -}}{{- end -}}
{{- end -}}
