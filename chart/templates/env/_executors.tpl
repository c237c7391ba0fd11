{{/*
What an executor brings. Each one is a file, env/_<Executor>.tpl, that defines
  kit.executor.<Executor>.runsIn  role whose pods run its tasks; never empty
  kit.executor.<Executor>.env     variables of Airflow containers; takes root and role, gives YAML list entries

Roles of the executors that have such a file. Only `tpl` can ask for a define that may be missing: in text/template an
empty define does not replace another one of the same name. `tpl` copies all templates each time, which takes longer than
all else here, so the answer is kept in the root. Input: the root. Output: a JSON map from executor to role.
*/}}
{{- define "kit.executor.roles" -}}
{{- if not (hasKey . "kitExecutorRoles") -}}
{{- $text := "" -}}
{{- range concat (list "CeleryExecutor" "KubernetesExecutor" "LocalExecutor") .Values.executors | uniq -}}
{{- $name := printf "kit.executor.%s.runsIn" . -}}
{{- $text = printf "%s{{ define %q }}{{ end }}{{ with include %q . }}{{ $_ := set $roles %q . }}{{ end }}" $text $name $name . -}}
{{- end -}}
{{- $roles := tpl (printf "{{ $roles := dict }}%s{{ toJson $roles }}" $text) . -}}
{{- $_ := set . "kitExecutorRoles" $roles -}}
{{- end -}}
{{- .kitExecutorRoles -}}
{{- end -}}

{{/*
Variables of the executors of the release; kit.validate.env refuses an executor without a file. Input: root, role. Output: YAML
list entries.
*/}}
{{- define "kit.env.executors" -}}
{{- $roles := include "kit.executor.roles" .root | fromJson -}}
{{- range .root.Values.executors }}
{{- if hasKey $roles . }}
{{ include (printf "kit.executor.%s.env" .) (dict "root" $.root "role" $.role) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Whether tasks run in the pods of a role. Input: root, role. Output: "true" or nothing. */}}
{{- define "kit.runsTasks" -}}
{{- $roles := include "kit.executor.roles" .root | fromJson -}}
{{- range .root.Values.executors -}}
{{- if eq (get $roles .) $.role -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether an executor is in the list. Input: root, executor. Output: "true" or nothing. */}}
{{- define "kit.hasExecutor" -}}
{{- if has .executor .root.Values.executors -}}true{{- end -}}
{{- end -}}
