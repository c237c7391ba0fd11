{{/*
Fields without which Airflow's reader of pod templates raises: in the default template, every task of the release would fail.
kitctl knows all of Kubernetes' required fields; these are the ones that templates and profiles often have. Input: where, the key
that holds the pod; spec (a map). Output: nothing.
*/}}
{{- define "kit.validate.workerPodFields" -}}
{{- $where := .where -}}
{{- include "kit.validate.entriesHave" (dict "where" $where "path" "spec.volumes" "list" .spec.volumes "keys" (list "name")) -}}
{{- include "kit.validate.entriesHave" (dict "where" $where "path" "spec.topologySpreadConstraints"
  "list" .spec.topologySpreadConstraints "keys" (list "maxSkew" "topologyKey" "whenUnsatisfiable")) -}}
{{- $node := (.spec.affinity | default dict).nodeAffinity | default dict -}}
{{- $node = get $node "preferredDuringSchedulingIgnoredDuringExecution" | default list -}}
{{- include "kit.validate.entriesHave" (dict "where" $where "list" $node "keys" (list "weight" "preference")
  "path" "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution") -}}
{{- range $kind := list "initContainers" "containers" -}}
{{- $path := printf "spec.%s" $kind -}}
{{- $listed := get $.spec $kind | default list -}}
{{- include "kit.validate.entriesHave" (dict "where" $where "path" $path "list" $listed "keys" (list "name")) -}}
{{- range $listed -}}
{{- include "kit.validate.containerFields" (dict "where" $where "path" (printf "%s[%s]" $path .name) "container" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The same for one container. Input: where, path, container. Output: nothing. */}}
{{- define "kit.validate.containerFields" -}}
{{- $where := .where -}}
{{- $path := .path -}}
{{- $needed := dict "env" (list "name") "ports" (list "containerPort") "volumeMounts" (list "name" "mountPath") -}}
{{- range $field, $keys := $needed -}}
{{- include "kit.validate.entriesHave"
  (dict "where" $where "path" (printf "%s.%s" $path $field) "list" (get $.container $field) "keys" $keys) -}}
{{- end -}}
{{- range .container.env -}}
{{- $from := .valueFrom | default dict -}}
{{- range $source := list "secretKeyRef" "configMapKeyRef" -}}
{{- with get $from $source -}}
{{- include "kit.validate.entriesHave"
  (dict "where" $where "path" (printf "%s.env[].valueFrom.%s" $path $source) "list" (list .) "keys" (list "key")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $probe := list "startupProbe" "livenessProbe" "readinessProbe" -}}
{{- $asked := get $.container $probe | default dict -}}
{{- range $kind := list "httpGet" "tcpSocket" -}}
{{- with get $asked $kind -}}
{{- include "kit.validate.entriesHave"
  (dict "where" $where "path" (printf "%s.%s.%s" $path $probe $kind) "list" (list .) "keys" (list "port")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Refuses an entry of a list that lacks a key. Input: where, path (in the pod), list, keys. Output: nothing. */}}
{{- define "kit.validate.entriesHave" -}}
{{- range $number, $entry := .list | default list -}}
{{- range $key := $.keys -}}
{{- if not (hasKey $entry $key) -}}
{{- include "kit.validate.refusePod" (dict "where" $.where
  "reason" (printf "has an entry %d of %s without %s, which Kubernetes requires" $number $.path $key)
  "fix" (printf "Add %s to it: {%s: …}" $key $key)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Refuses a container with a limit below its request. Input: where, the key that holds the pod; spec. Output: nothing. */}}
{{- define "kit.validate.workerPodLimits" -}}
{{- $where := .where -}}
{{- range concat (.spec.initContainers | default list) (.spec.containers | default list) -}}
{{- $resources := .resources | default dict -}}
{{- $container := .name -}}
{{- range include "kit.resources.below" $resources | splitList "," | compact -}}
{{- $asked := get $resources.requests . | toString -}}
{{- fail (printf "\n[limit-below-request] In %s, the limit of %s of the container %s is %s, below the request of %s.\n  Fix: %s\n"
  $where . $container (get $resources.limits . | toString) $asked
  (printf "resources: {requests: {%s: %s}, limits: {%s: %s}}" . $asked . $asked)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
