{{/*
Adds the smoke DAG to one slot of a DAG mode. The smoke DAG has a bundle of its own beside those of the mode, so it exists
in every mode, and neither the user's repository nor their image has to contain it.
Input: root, slot, entries (what the mode gives). Output: a JSON list.
*/}}
{{- define "kit.smoke.extend" -}}
{{- if not (and .root.Values.smoke.enabled (has .slot (list "env" "volumes" "mounts"))) -}}
{{- toJson .entries -}}
{{- else if eq .slot "env" -}}
{{- $name := "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST" -}}
{{- $list := include "kit.smoke.otherBundles" (dict "root" .root "entries" .entries "name" $name) | fromJsonArray -}}
{{- $own := dict "name" "kit-smoke" "classpath" (include "kit.smoke.localBundle" .) "kwargs" (dict "path" (include "kit.smoke.path" .)) -}}
{{- append .entries (dict "name" $name "value" (append $list $own | toJson)) | toJson -}}
{{- else if eq .slot "volumes" -}}
{{- $map := include "kit.name" (dict "root" .root "component" "smoke") -}}
{{- append .entries (dict "name" "smoke" "configMap" (dict "name" $map)) | toJson -}}
{{- else -}}
{{- /* By subPath, as a plain file: Airflow refuses to walk the links of a whole ConfigMap volume ("recursive loop"). */ -}}
{{- $path := printf "%s/kit_smoke.py" (include "kit.smoke.path" .) -}}
{{- append .entries (dict "name" "smoke" "mountPath" $path "subPath" "kit_smoke.py" "readOnly" true) | toJson -}}
{{- end -}}
{{- end -}}

{{/* Folder of the smoke DAG in the pods. Input: none. Output: text. */}}
{{- define "kit.smoke.path" -}}
/opt/airflow/kit-smoke
{{- end -}}

{{/* Airflow's class for a bundle in a folder. Input: none. Output: text. */}}
{{- define "kit.smoke.localBundle" -}}
airflow.dag_processing.bundles.local.LocalDagBundle
{{- end -}}

{{/*
The bundles beside the smoke DAG's: those of the mode, else those of values.config, else Airflow's default, which has to be
repeated because a list that is set replaces it. Input: root, entries, name (of the variable). Output: a JSON list.
*/}}
{{- define "kit.smoke.otherBundles" -}}
{{- $text := dig "dag_processor" "dag_bundle_config_list" "" .root.Values.config -}}
{{- $default := dict "name" "dags-folder" "classpath" (include "kit.smoke.localBundle" .) "kwargs" dict -}}
{{- $text = $text | default (list $default | toJson) -}}
{{- $name := .name -}}
{{- range .entries -}}{{- if eq .name $name -}}{{- $text = .value -}}{{- end -}}{{- end -}}
{{- /* kit.validate.config refuses a text that is no list, and says so. */ -}}
{{- if include "kit.isJsonList" $text -}}{{- fromJsonArray $text | toJson -}}{{- else -}}[]{{- end -}}
{{- end -}}
