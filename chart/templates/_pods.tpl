{{/*
What the values say of the pods of one component: `pods`, and over it the component's own section. Maps are merged, and the
component's entries win. A list of the component replaces the common one, but `env` and lists that begin with `extra` or
`first` are joined. Jobs run on the nodes of the scheduler unless they say otherwise: without that they would never start
on a cluster whose nodes are all tainted. The one that cleans the claim of the logs runs where the API server has it.
Input: root, component. Output: a JSON map with the keys of `pods` and `resources`.
*/}}
{{- define "kit.pods.section" -}}
{{- $own := include "kit.pods.own" . | fromJson -}}
{{- $all := .root.Values.pods -}}
{{- /* false for all cannot mean those that call the Kubernetes API: without it the release would not start. */ -}}
{{- if eq (toString $all.automountServiceAccountToken) "false" -}}
{{- $all = set (omit $all "") "automountServiceAccountToken" nil -}}
{{- end -}}
{{- $follows := dict "keys" "scheduler" "migrate" "scheduler" "clean-db" "scheduler" "clean-pods" "scheduler"
  "objects" "scheduler"   "clean-logs" "apiServer" -}}
{{- with get $follows .component -}}
{{- $leader := get $.root.Values . -}}
{{- $place := pick $leader "nodeSelector" "tolerations" "priorityClassName" -}}
{{- $affinity := pick $leader.affinity "nodeAffinity" -}}
{{- if eq $.component "clean-logs" -}}{{- $affinity = merge $affinity (include "kit.clean-logs.affinity" $.root | fromJson) -}}{{- end -}}
{{- $all = include "kit.pods.over" (dict "common" $all "own" (set $place "affinity" $affinity)) | fromJson -}}
{{- end -}}
{{- set (include "kit.pods.over" (dict "common" $all "own" $own) | fromJson) "resources" ($own.resources | default dict) | toJson -}}
{{- end -}}

{{/* Section of the values that belongs to a component. Input: root, component. Output: a JSON map. */}}
{{- define "kit.pods.own" -}}
{{- $section := .root.Values -}}
{{- range get (include "kit.pods.paths" . | fromJson) .component | splitList "." -}}{{- $section = get $section . -}}{{- end -}}
{{- toJson $section -}}
{{- end -}}

{{/* Where the section of each component is. Input: none. Output: a JSON map. */}}
{{- define "kit.pods.paths" -}}
{{- dict "api-server" "apiServer" "scheduler" "scheduler" "dag-processor" "dagProcessor" "triggerer" "triggerer"
  "worker" "workers" "celery" "workers.celery" "migrate" "migrations" "keys" "keys.bootstrap" "postgres" "postgres"
  "redis" "broker.redis" "rabbitmq" "broker.rabbitmq" "flower" "flower" "pgbouncer" "pgbouncer"
  "clean-logs" "logs.persistence.retention" "clean-db" "databaseCleanup" "clean-pods" "workers.cleanup"
  "objects" "objects.job" | toJson -}}
{{- end -}}

{{/* The rule of merging, see kit.pods.section. Input: common, own. Output: a JSON map with the keys of `common`. */}}
{{- define "kit.pods.over" -}}
{{- $own := .own -}}
{{- $result := dict -}}
{{- range $key, $common := .common -}}
{{- $near := get $own $key -}}
{{- $joined := or (eq $key "env") (hasPrefix "extra" $key) (hasPrefix "first" $key) -}}
{{- if and $joined $near -}}
{{- $near = concat ($common | default list) $near -}}
{{- else if eq $key "lifecycle" -}}
{{- $near = include "kit.hooks" (dict "own" $common "more" $near) | fromJson -}}
{{- else if and $near (kindIs "map" $common) (kindIs "map" $near) -}}
{{- $near = include "kit.merge" (dict "base" $common "over" $near) | fromJson -}}
{{- else if and (not $near) (not (has (kindOf $near) (list "bool" "float64"))) -}}
{{- $near = $common -}}
{{- end -}}
{{- $_ := set $result $key $near -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/*
Merges one map over another. Sprig's own merge would keep the old value where the new one is false, 0 or empty; null removes a
key. Input: base, over; optional append (names of lists that grow instead of being replaced). Output: JSON.
*/}}
{{- define "kit.merge" -}}
{{- $result := omit .base "" -}}
{{- $append := .append | default list -}}
{{- range $key, $new := .over -}}
{{- $old := get $result $key -}}
{{- if kindIs "invalid" $new -}}
{{- $_ := unset $result $key -}}
{{- else if and (kindIs "map" $new) (kindIs "map" $old) -}}
{{- $_ := set $result $key (include "kit.merge" (dict "base" $old "over" $new) | fromJson) -}}
{{- else if and (has $key $append) (kindIs "slice" $old) -}}
{{- $_ := set $result $key (concat $old $new) -}}
{{- else -}}
{{- $_ := set $result $key $new -}}
{{- end -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/*
A list in which nothing stands twice: a later entry replaces an earlier one of the same key, at its place. So what the user adds
replaces what the chart has; a mount of the whole home also replaces those of its folders (see kit.airflowMounts), since no folder
could be made in a read-only volume. Input: list, key (such as name or mountPath). Output: a JSON list.
*/}}
{{- define "kit.unique" -}}
{{- $key := .key -}}
{{- $byKey := dict -}}
{{- $order := list -}}
{{- range .list -}}
{{- $value := get . $key | toString -}}
{{- if eq $key "mountPath" -}}{{- $value = printf "/%s" (trimAll "/" $value) -}}{{- end -}}
{{- $order = append $order $value -}}
{{- $_ := set $byKey $value . -}}
{{- end -}}
{{- if and (eq $key "mountPath") (or (hasKey $byKey "/home/airflow") (hasKey $byKey "/home")) -}}
{{- range list ".cache" ".config" -}}
{{- $path := printf "/home/airflow/%s" . -}}
{{- $own := get $byKey $path | default dict -}}
{{- if and (eq (get $own "name" | toString) "tmp") (hasPrefix "home/" (get $own "subPath" | toString)) -}}
{{- $order = without $order $path -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $result := list -}}
{{- range uniq $order -}}{{- $result = append $result (get $byKey .) -}}{{- end -}}
{{- toJson $result -}}
{{- end -}}
