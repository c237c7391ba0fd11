{{/*
A worker profile: PodSpec fields of the user merged over the worker pod. Maps merge by key and scalars are replaced; volumes,
initContainers, tolerations and imagePullSecrets are appended; containers[0] merges over the task container, whose env,
envFrom, volumeMounts, volumeDevices and ports are appended to; further containers are appended. null removes a field.
Input: pod (a map), profile (a map). Output: JSON of the pod.
*/}}
{{- define "kit.workers.profile" -}}
{{- $lists := list "volumes" "initContainers" "tolerations" "imagePullSecrets" -}}
{{- $pod := deepCopy .pod -}}
{{- $over := omit .profile "containers" -}}
{{- $spec := include "kit.workers.merge" (dict "base" $pod.spec "over" $over "append" $lists) | fromJson -}}
{{- with .profile.containers -}}
{{- $append := list "env" "envFrom" "volumeMounts" "volumeDevices" "ports" -}}
{{- $over := omit (first .) "name" -}}
{{- $base := include "kit.workers.merge" (dict "base" (first $pod.spec.containers) "over" $over "append" $append) | fromJson -}}
{{- $_ := set $spec "containers" (concat (list $base) (rest $pod.spec.containers) (rest .)) -}}
{{- end -}}
{{- $_ := set $pod "spec" $spec -}}
{{- toJson $pod -}}
{{- end -}}

{{/*
Merges one map over another. Sprig's own merge would keep the old value where the new one is false, 0 or empty.
Input: base, over, append (names of lists that grow instead of being replaced). Output: JSON.
*/}}
{{- define "kit.workers.merge" -}}
{{- $result := deepCopy .base -}}
{{- $append := .append -}}
{{- range $key, $new := .over -}}
{{- $old := get $result $key -}}
{{- if kindIs "invalid" $new -}}
{{- $_ := unset $result $key -}}
{{- else if and (kindIs "map" $new) (kindIs "map" $old) -}}
{{- $_ := set $result $key (include "kit.workers.merge" (dict "base" $old "over" $new "append" list) | fromJson) -}}
{{- else if and (has $key $append) (kindIs "slice" $old) -}}
{{- $_ := set $result $key (concat $old $new) -}}
{{- else -}}
{{- $_ := set $result $key $new -}}
{{- end -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}
