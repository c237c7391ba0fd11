{{/*
The worker pod of the chosen DAG mode. Its text comes from kitctl (templates.podTemplate), else from the chart's own
committed file, and goes through tpl once. Input: the root. Output: JSON of the pod, without empty fields.
*/}}
{{- define "kit.workers.pod" -}}
{{- $mode := include "kit.dags.mode" . -}}
{{- $text := .Values.templates.podTemplate | default (.Files.Get (printf "files/pod_templates/%s.yaml" $mode)) -}}
{{- $pod := include "kit.workers.parse" (dict "text" (tpl $text .) "where" "templates.podTemplate") | fromJson -}}
{{- include "kit.workers.prune" $pod -}}
{{- end -}}

{{/*
Reads the text of a pod and refuses what would end the scheduler, or be ignored by it without a word.
Input: text; where, the key that holds it. Output: JSON.
*/}}
{{- define "kit.workers.parse" -}}
{{- $where := .where -}}
{{- if regexMatch "(?m)^---\\s*$" (regexReplaceAll "\\A(\\s*(#[^\\n]*)?\\n)*---\\s*\\n" .text "") -}}
{{- include "kit.workers.refuse" (dict "where" $where "reason" "holds more than one YAML document, and the executor reads one pod" "fix" "Keep one pod; put other objects into extraObjects") -}}
{{- end -}}
{{- $pod := fromYaml .text -}}
{{- if hasKey $pod "Error" -}}
{{- include "kit.workers.refuse" (dict "where" $where "reason" (printf "is not YAML: %s" $pod.Error) "fix" "Run `kitctl render pod --check FILE` to see the line") -}}
{{- end -}}
{{- if ne (get $pod "kind" | default "" | toString) "Pod" -}}
{{- include "kit.workers.refuse" (dict "where" $where "reason" "is not of kind Pod" "fix" "Begin it with `apiVersion: v1` and `kind: Pod`") -}}
{{- end -}}
{{- $spec := get $pod "spec" | default dict -}}
{{- $first := dict -}}
{{- if kindIs "map" $spec -}}{{- $first = get $spec "containers" | default list | first | default dict -}}{{- end -}}
{{- if or (ne (get $first "name" | default "" | toString) "base") (not (get $first "image")) -}}
{{- include "kit.workers.refuse" (dict "where" $where "reason" "must have a container `base` with an image as its first one: the executor puts its command into containers[0]" "fix" "containers: [{name: base, image: …}]") -}}
{{- end -}}
{{- toJson $pod -}}
{{- end -}}

{{/* Ends the render. Input: where, reason, fix. */}}
{{- define "kit.workers.refuse" -}}
{{- fail (printf "\n[pod-template-invalid] %s %s.\n  Fix: %s\n" .where .reason .fix) -}}
{{- end -}}

{{/*
Drops fields of metadata, spec and containers that hold nothing, so that the text shows only what counts. Input: a pod.
Output: JSON. Deeper ones stay: `emptyDir: {}` says something.
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

{{/* One map without its empty strings, lists, maps and nulls; false and 0 stay. Input: a map. Output: JSON. */}}
{{- define "kit.workers.pruneMap" -}}
{{- $kept := dict -}}
{{- range $key, $value := . -}}
{{- if or $value (kindIs "bool" $value) (kindIs "float64" $value) (kindIs "int64" $value) -}}{{- $_ := set $kept $key $value -}}{{- end -}}
{{- end -}}
{{- toJson $kept -}}
{{- end -}}
