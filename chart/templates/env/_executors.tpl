{{/*
What an executor brings. Each one is a file, env/_<Executor>.tpl, that defines
  kit.executor.<Executor>.runsIn  role whose pods run its tasks; never empty, as the chart knows its executors by it
  kit.executor.<Executor>.env     variables for Airflow containers, from root and role
The slot of an executor without such a file is empty: in text/template an empty define does not replace one of the same
name. So kit.validate.env can refuse the name in words, where `include` alone would end the render.
Input: root, role, executor, slot (runsIn or env). Output: text; for env YAML list entries.
*/}}
{{- define "kit.executor.slot" -}}
{{- $name := printf "kit.executor.%s.%s" .executor .slot -}}
{{- tpl (printf "{{ define %q }}{{ end }}{{ include %q . }}" $name $name) . -}}
{{- end -}}

{{/* Variables of all executors of the release. Input: root, role. Output: YAML list entries. */}}
{{- define "kit.env.executors" -}}
{{- range .root.Values.executors }}
{{ include "kit.executor.slot" (dict "root" $.root "role" $.role "executor" . "slot" "env") }}
{{- end }}
{{- end -}}

{{/* Whether tasks run in the pods of a role. Input: root, role. Output: "true" or nothing. */}}
{{- define "kit.runsTasks" -}}
{{- range .root.Values.executors -}}
{{- if eq (include "kit.executor.slot" (dict "root" $.root "executor" . "slot" "runsIn")) $.role -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether an executor is in the list. Input: root, executor. Output: "true" or nothing. */}}
{{- define "kit.hasExecutor" -}}
{{- if has .executor .root.Values.executors -}}true{{- end -}}
{{- end -}}

{{/* Executors of Airflow that the chart deploys, which are those with a file here. Input: the root. Output: a JSON list. */}}
{{- define "kit.executors" -}}
{{- $known := list -}}
{{- range list "CeleryExecutor" "KubernetesExecutor" "LocalExecutor" -}}
{{- if include "kit.executor.slot" (dict "root" $ "executor" . "slot" "runsIn") -}}
{{- $known = append $known . -}}
{{- end -}}
{{- end -}}
{{- toJson $known -}}
{{- end -}}
