{{/*
What users add to Airflow's own processes: airflow_local_settings.py, and a claim with plugins. The file is in every pod that runs
Airflow, the migration included, since it may replace how Airflow connects to the database. Input: root, role. Output: a YAML list
of volumes.
*/}}
{{- define "kit.extension.volumes" -}}
{{- $v := .root.Values -}}
{{- $file := dict "name" "local-settings" "section" $v.airflowLocalSettings "file" "airflow_local_settings.py"
  "ours" (include "kit.name" (dict "root" .root "component" "config")) -}}
{{- $volumes := include "kit.pythonFile.volumes" $file | fromYamlArray -}}
{{- if include "kit.extension.plugins" . -}}
{{- $claim := dict "claimName" $v.plugins.existingClaim "readOnly" true -}}
{{- $volumes = append $volumes (dict "name" "plugins" "persistentVolumeClaim" $claim) -}}
{{- end -}}
{{- toYaml $volumes -}}
{{- end -}}

{{/* Their mounts. Airflow imports airflow_local_settings from its config folder. Input: root, role. Output: a YAML list. */}}
{{- define "kit.extension.mounts" -}}
{{- $v := .root.Values -}}
{{- $mounts := list -}}
{{- if include "kit.pythonFile" $v.airflowLocalSettings -}}
{{- $mounts = append $mounts (dict "name" "local-settings" "mountPath" "/opt/airflow/config/airflow_local_settings.py"
  "subPath" "airflow_local_settings.py" "readOnly" true) -}}
{{- end -}}
{{- if include "kit.extension.plugins" . -}}
{{- $mount := dict "name" "plugins" "mountPath" "/opt/airflow/plugins" "readOnly" true -}}
{{- with $v.plugins.subPath -}}{{- $_ := set $mount "subPath" . -}}{{- end -}}
{{- $mounts = append $mounts $mount -}}
{{- end -}}
{{- toYaml $mounts -}}
{{- end -}}

{{/* Whether a role imports plugins from a claim; Jobs of the database do not. Input: root, role. Output: "true" or nothing. */}}
{{- define "kit.extension.plugins" -}}
{{- if and .root.Values.plugins.existingClaim (not (has .role (list "migrate" "clean-db"))) -}}true{{- end -}}
{{- end -}}
