{{/* A door to a Flower that is not there, or whose path hides a page of Airflow. Input: root, to, door. Output: nothing. */}}
{{- define "kit.validate.flowerDoor" -}}
{{- $door := .door -}}
{{- if not .root.Values.flower.enabled -}}
{{- include "kit.problem" (dict "to" .to "id" "door-without-flower" "what" (printf "%s is enabled, but flower.enabled is false" $door.at)
  "why" "There is no Service of Flower to which requests could go."
  "paste" (list "flower:" "  enabled: true" "# or" (include "kit.nested" (dict "key" $door.at "value" (dict "enabled" false))))) -}}
{{- end -}}
{{- $kind := splitList "." $door.at | first -}}
{{- $ui := include "kit.door" (dict "root" .root "kind" $kind "door" "ui") | fromJson -}}
{{- $shared := "" -}}
{{- range $ui.hosts -}}{{- if has . $door.hosts -}}{{- $shared = . -}}{{- end -}}{{- end -}}
{{- $base := trimSuffix "/" $ui.path -}}
{{- $pages := list "api" "auth" "ui" "execution" "static" "pluginsv2" "docs" "redoc" "openapi.json" "login" "logout" "error" "plugin" -}}
{{- $pages = concat $pages (list "dags" "dag_runs" "task_instances" "assets" "backfills" "events" "variables" "pools" "providers") -}}
{{- $pages = concat $pages (list "plugins" "connections" "configs" "jobs" "xcoms" "security" "required_actions") -}}
{{- $page := trimPrefix (printf "%s/" $base) $door.path | splitList "/" | first -}}
{{- if and $ui.own.enabled $shared (hasPrefix (printf "%s/" $base) $door.path) (has $page $pages) -}}
{{- include "kit.problem" (dict "to" .to "id" "path-taken"
  "what" (printf "%s has the path %s, which is a page of Airflow on the same host" $door.at $door.path)
  "why" (printf "Requests for %s/%s on %s would go to Flower." $base $page $shared)
  "paste" (include "kit.nested" (dict "key" (printf "%s.path" $door.at) "value" (printf "%s/flower" $base)))) -}}
{{- end -}}
{{- end -}}
