{{/* Rules of airflow_local_settings.py and of plugins. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.extension" -}}
{{- $v := .root.Values -}}
{{- include "kit.validate.pythonFile" (dict "to" .to "id" "local-settings-twice" "key" "airflowLocalSettings"
  "section" $v.airflowLocalSettings "file" "airflow_local_settings.py") -}}
{{- $folder := dig "core" "plugins_folder" "" $v.config | toString -}}
{{- range $v.env -}}
{{- if eq .name "AIRFLOW__CORE__PLUGINS_FOLDER" -}}{{- $folder = .value | default "" -}}{{- end -}}
{{- end -}}
{{- $other := not (empty $v.dags.plugins) | ternary "dags.plugins" (ternary "[core] plugins_folder" "" (not (empty $folder))) -}}
{{- if and $v.plugins.existingClaim $other (ne (trimSuffix "/" $folder) "/opt/airflow/plugins") -}}
{{- include "kit.problem" (dict "to" .to "id" "plugins-twice"
  "what" (printf "plugins.existingClaim and %s are both set" $other)
  "why" "Airflow reads one folder of plugins, and would never look into the claim."
  "paste" (list "plugins:" (printf "  existingClaim: %s" $v.plugins.existingClaim) "dags:" "  plugins: \"\"")) -}}
{{- end -}}
{{- end -}}
