{{/*
The worker pod of the chosen DAG mode. Its text comes from kitctl (templates.podTemplate), else from the chart's own file,
and goes through tpl once. Hooks are added here: each replaces the text's, as in any other pod. Input: the root. Output: JSON of the
pod, without empty fields.
*/}}
{{- define "kit.workers.pod" -}}
{{- $mode := include "kit.dags.mode" . -}}
{{- $text := .Values.templates.podTemplate | default (.Files.Get (printf "files/pod_templates/%s.yaml" $mode)) -}}
{{- $pod := include "kit.workers.read" (dict "text" (tpl $text .) "where" "templates.podTemplate") -}}
{{- with include "kit.hooks" (dict "own" .Values.pods.lifecycle "more" .Values.workers.lifecycle) | fromJson -}}
{{- $hooks := . -}}
{{- $whole := $pod | fromJson -}}
{{- $base := first $whole.spec.containers -}}
{{- $_ := set $base "lifecycle" (include "kit.hooks" (dict "own" $base.lifecycle "more" $hooks) | fromJson) -}}
{{- $pod = toJson $whole -}}
{{- end -}}
{{- $pod -}}
{{- end -}}

{{/*
A pod from its text: without empty fields (the API server refuses `runtimeClassName: ""`), and nothing in it twice.
Input: text; where, the key that holds it. Output: JSON.
*/}}
{{- define "kit.workers.read" -}}
{{- include "kit.workers.settle" (include "kit.workers.prune" (include "kit.workers.parse" . | fromJson) | fromJson) -}}
{{- end -}}

{{/* Drops what stands twice in a pod: the later entry replaces the earlier one (see kit.unique). Input: a pod. Output: JSON. */}}
{{- define "kit.workers.settle" -}}
{{- $spec := .spec -}}
{{- range $list := list "initContainers" "containers" -}}
{{- $settled := list -}}
{{- range get $spec $list | default list -}}
{{- $container := . -}}
{{- range $field, $key := dict "env" "name" "volumeMounts" "mountPath" -}}
{{- with get $container $field -}}
{{- $_ := set $container $field (include "kit.unique" (dict "key" $key "list" .) | fromJsonArray) -}}
{{- end -}}
{{- end -}}
{{- $settled = append $settled $container -}}
{{- end -}}
{{- if $settled -}}
{{- $_ := set $spec $list (include "kit.unique" (dict "key" "name" "list" $settled) | fromJsonArray) -}}
{{- end -}}
{{- end -}}
{{- with $spec.volumes -}}{{- $_ := set $spec "volumes" (include "kit.unique" (dict "key" "name" "list" .) | fromJsonArray) -}}{{- end -}}
{{- toJson . -}}
{{- end -}}

{{/* Reads the text of a pod; a wrong one ends the render. Input: text; where, the key that holds it. Output: JSON. */}}
{{- define "kit.workers.parse" -}}
{{- include "kit.validate.workerPod" . -}}
{{- fromYaml .text | toJson -}}
{{- end -}}

{{/*
Drops empty fields of metadata, spec and containers, so that the text shows only what counts. Deeper ones stay, since
`emptyDir: {}` means something. Input: a pod. Output: JSON.
*/}}
{{- define "kit.workers.prune" -}}
{{- $spec := include "kit.workers.pruneMap" .spec | fromJson -}}
{{- range $list := list "initContainers" "containers" -}}
{{- $kept := list -}}
{{- range get $spec $list | default list -}}
{{- $kept = append $kept (include "kit.workers.pruneMap" . | fromJson) -}}
{{- end -}}
{{- if $kept -}}{{- $_ := set $spec $list $kept -}}{{- end -}}
{{- end -}}
{{- dict "apiVersion" "v1" "kind" "Pod" "metadata" (include "kit.workers.pruneMap" .metadata | fromJson) "spec" $spec | toJson -}}
{{- end -}}

{{/* A map without its empty strings, lists, maps and nulls; false and 0 stay. Input: a map. Output: JSON. */}}
{{- define "kit.workers.pruneMap" -}}
{{- $kept := dict -}}
{{- range $key, $value := . -}}
{{- if or $value (kindIs "bool" $value) (kindIs "float64" $value) (kindIs "int64" $value) -}}{{- $_ := set $kept $key $value -}}{{- end -}}
{{- end -}}
{{- toJson $kept -}}
{{- end -}}
