{{/*
The smoke DAG stands in a bundle of its own beside those of the DAG mode, so it is there in every mode, and neither the
user's repository nor their image has to hold it. Adds to one slot of a mode.
Input: root; slot; entries, what the mode gives. Output: the YAML list for that slot.
*/}}
{{- define "kit.smoke.extend" -}}
{{- if not (and .root.Values.smoke.enabled (has .slot (list "env" "volumes" "mounts"))) -}}
{{- toYaml .entries -}}
{{- else if eq .slot "env" -}}
{{- $name := "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST" -}}
{{- $list := include "kit.smoke.otherBundles" (dict "root" .root "entries" .entries "name" $name) | fromJsonArray -}}
{{- $own := dict "name" "kit-smoke" "classpath" "airflow.dag_processing.bundles.local.LocalDagBundle" "kwargs" (dict "path" (include "kit.smoke.path" .)) -}}
{{- append .entries (dict "name" $name "value" (append $list $own | toJson)) | toYaml -}}
{{- else if eq .slot "volumes" -}}
{{- append .entries (dict "name" "smoke" "configMap" (dict "name" (include "kit.name" (dict "root" .root "component" "smoke")))) | toYaml -}}
{{- else -}}
{{- /* By subPath, as a plain file: Airflow refuses to walk the links of a whole ConfigMap volume ("recursive loop"). */ -}}
{{- append .entries (dict "name" "smoke" "mountPath" (printf "%s/kit_smoke.py" (include "kit.smoke.path" .)) "subPath" "kit_smoke.py" "readOnly" true) | toYaml -}}
{{- end -}}
{{- end -}}

{{/* Folder of the smoke DAG in the pods. */}}
{{- define "kit.smoke.path" -}}
/opt/airflow/kit-smoke
{{- end -}}

{{/*
The bundles without the smoke DAG's: the mode's, else those of values.config, else Airflow's own default, which must be
repeated since a list that is set replaces it. Input: root, entries, name of the variable. Output: JSON.
*/}}
{{- define "kit.smoke.otherBundles" -}}
{{- $text := dig "dag_processor" "dag_bundle_config_list" "" .root.Values.config -}}
{{- $text = $text | default `[{"name": "dags-folder", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle", "kwargs": {}}]` -}}
{{- $name := .name -}}
{{- range .entries -}}{{- if eq .name $name -}}{{- $text = .value -}}{{- end -}}{{- end -}}
{{- /* A list that is none is refused by kit.validate.config, in words of its own. */ -}}
{{- if include "kit.isJsonList" $text -}}{{- fromJsonArray $text | toJson -}}{{- else -}}[]{{- end -}}
{{- end -}}
