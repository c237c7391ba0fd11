{{/*
What an executor brings. Each one is a file, env/_<Executor>.tpl, that defines
  kit.executor.<Executor>.runsIn  role whose pods run its tasks; never empty
  kit.executor.<Executor>.path    its class in Airflow, by its path
  kit.executor.<Executor>.env     variables of Airflow containers; takes root and role, gives YAML list entries

Executors of the list, without their aliases ("fast:LocalExecutor" is LocalExecutor). A class is known by its path as well.
Input: the root. Output: a JSON list of names, and of the paths of other classes.
*/}}
{{- define "kit.executors" -}}
{{- $known := list "CeleryExecutor" "KubernetesExecutor" "LocalExecutor" -}}
{{- $names := list -}}
{{- range .Values.executors -}}
{{- $name := regexReplaceAll "^[A-Za-z0-9_-]+:" . "" -}}
{{- range $known -}}
{{- if eq (include (printf "kit.executor.%s.path" .) $) $name -}}{{- $name = . -}}{{- end -}}
{{- end -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{/* Whether an executor is a class by its path, whose code is in the image. Input: the executor. Output: "true" or nothing. */}}
{{- define "kit.executor.byPath" -}}
{{- if regexMatch "^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)+$" . -}}true{{- end -}}
{{- end -}}

{{/*
Roles of the executors that have such a file. Only `tpl` can ask for a define that may be missing: in text/template an
empty define does not replace another one of the same name. `tpl` copies all templates each time, which takes longer than
all else here, so the answer is kept in the root. A class by its path may run its tasks in the process that loads it, as the
LocalExecutor does, so its role is the scheduler. Input: the root. Output: a JSON map from executor to role.
*/}}
{{- define "kit.executor.roles" -}}
{{- if not (hasKey . "kitExecutorRoles") -}}
{{- $listed := include "kit.executors" . | fromJsonArray -}}
{{- $text := "" -}}
{{- range concat (list "CeleryExecutor" "KubernetesExecutor" "LocalExecutor") $listed | uniq -}}
{{- if not (include "kit.executor.byPath" .) -}}
{{- $name := printf "kit.executor.%s.runsIn" . -}}
{{- $text = printf "%s{{ define %q }}{{ end }}{{ with include %q . }}{{ $_ := set $roles %q . }}{{ end }}" $text $name $name . -}}
{{- end -}}
{{- end -}}
{{- $roles := tpl (printf "{{ $roles := dict }}%s{{ toJson $roles }}" $text) . | fromJson -}}
{{- range $listed -}}
{{- if include "kit.executor.byPath" . -}}{{- $_ := set $roles . "scheduler" -}}{{- end -}}
{{- end -}}
{{- $_ := set . "kitExecutorRoles" (toJson $roles) -}}
{{- end -}}
{{- .kitExecutorRoles -}}
{{- end -}}

{{/*
Variables of the executors of the release; kit.validate.env refuses an executor without a file. Input: root, role. Output: YAML
list entries.
*/}}
{{- define "kit.env.executors" -}}
{{- $roles := include "kit.executor.roles" .root | fromJson -}}
{{- range include "kit.executors" .root | fromJsonArray }}
{{- if and (hasKey $roles .) (not (include "kit.executor.byPath" .)) }}
{{ include (printf "kit.executor.%s.env" .) (dict "root" $.root "role" $.role) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Whether tasks run in the pods of a role. Input: root, role. Output: "true" or nothing. */}}
{{- define "kit.runsTasks" -}}
{{- $roles := include "kit.executor.roles" .root | fromJson -}}
{{- $runs := false -}}
{{- range include "kit.executors" .root | fromJsonArray -}}
{{- if eq (get $roles .) $.role -}}{{- $runs = true -}}{{- end -}}
{{- end -}}
{{- if $runs -}}true{{- end -}}
{{- end -}}

{{/* Whether an executor is in the list. Input: root, executor. Output: "true" or nothing. */}}
{{- define "kit.hasExecutor" -}}
{{- if has .executor (include "kit.executors" .root | fromJsonArray) -}}true{{- end -}}
{{- end -}}
