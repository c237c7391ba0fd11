{{/* Rules of a list of bundles in values.config. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.configBundles" -}}
{{- $to := .to -}}
{{- $what := "config.dag_processor.dag_bundle_config_list" -}}
{{- $example := `    dag_bundle_config_list: '[{"name": "mine", "classpath": "my.Bundle", "kwargs": {}}]'` -}}
{{- $paste := list "config:" "  dag_processor:" $example -}}
{{- with dig "dag_processor" "dag_bundle_config_list" "" .root.Values.config -}}
{{- if not (include "kit.isJsonList" .) -}}
{{- include "kit.problem" (dict "to" $to "id" "config-bundles-invalid" "what" (printf "%s is not a JSON list" $what)
  "why" "Airflow parses this option as JSON. With anything else the DAG processor exits as soon as it starts." "paste" $paste) -}}
{{- else if eq (include "kit.dags.mode" $.root) "bundle" -}}
{{- include "kit.problem" (dict "to" $to "id" "config-bundles-invalid" "what" (printf "%s is set, but dags.mode is bundle" $what)
  "why" "In this mode dags.bundle.items sets the same option, and the list in config would have no effect."
  "paste" `dags: {bundle: {items: [{name: team, repo: "https://git.example.com/team/dags.git"}]}}`) -}}
{{- else -}}
{{- $names := list -}}
{{- range $index, $bundle := fromJsonArray (. | toString) -}}
{{- $name := kindIs "map" $bundle | ternary $bundle dict | dig "name" "" | toString -}}
{{- $why := include "kit.dags.reservedBundle" $name -}}
{{- if and $name (has $name $names) -}}
{{- $why = printf "Two bundles are named %s, and Airflow identifies a bundle by its name." $name -}}
{{- end -}}
{{- with $why -}}
{{- include "kit.problem" (dict "to" $to "id" "config-bundles-invalid" "why" .
  "what" (printf "%s[%d].name is not valid" $what $index) "paste" $paste) -}}
{{- end -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether a text is a JSON list of objects. Input: the text. Output: "true" or nothing. */}}
{{- define "kit.isJsonList" -}}
{{- $list := fromJsonArray (. | toString) -}}
{{- /* For what it cannot parse, fromJsonArray returns a list of one text: the parser's complaint. */ -}}
{{- if not (and $list (kindIs "string" (first $list))) -}}true{{- end -}}
{{- end -}}
