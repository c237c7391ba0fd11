{{/*
A worker profile: PodSpec fields of the user merged over the worker pod. Maps merge by key and scalars are replaced; volumes,
initContainers, tolerations and imagePullSecrets are appended; containers[0] merges over the task container, whose env,
envFrom, volumeMounts, volumeDevices and ports are appended to, and whose hooks are replaced; further containers are appended.
What is appended replaces an entry of the same name or path. null removes a field.
Input: pod (a map), profile (a map). Output: JSON of the pod.
*/}}
{{- define "kit.workers.profile" -}}
{{- $lists := list "volumes" "initContainers" "tolerations" "imagePullSecrets" -}}
{{- $pod := deepCopy .pod -}}
{{- $over := omit .profile "containers" -}}
{{- $spec := include "kit.merge" (dict "base" $pod.spec "over" $over "append" $lists) | fromJson -}}
{{- with .profile.containers -}}
{{- $append := list "env" "envFrom" "volumeMounts" "volumeDevices" "ports" -}}
{{- $over := omit (first .) "name" -}}
{{- $base := include "kit.merge" (dict "base" (first $pod.spec.containers) "over" $over "append" $append) | fromJson -}}
{{- with $over.lifecycle -}}
{{- $own := (first $pod.spec.containers).lifecycle -}}
{{- $_ := set $base "lifecycle" (include "kit.hooks" (dict "own" $own "more" .) | fromJson) -}}
{{- end -}}
{{- $_ := set $spec "containers" (concat (list $base) (rest $pod.spec.containers) (rest .)) -}}
{{- end -}}
{{- $_ := set $pod "spec" $spec -}}
{{- include "kit.workers.settle" $pod -}}
{{- end -}}
