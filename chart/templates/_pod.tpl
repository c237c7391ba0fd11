{{/*
Pod template of any pod that the chart makes: components, Jobs, PostgreSQL. Worker pods have a template of their own, which
reads the same section (workers/). What a component has of its own is defined in its folder's _pod.tpl as
  kit.<component>.parts   takes root, component, section (see kit.pods.section) and gives a YAML map:
    user            user and group of its image
    annotations     annotations of its pods
    spec            fields of the PodSpec that no value sets
    initContainers  run before the main container
    container       the main container without resources and securityContext
    volumes
Input: root, component. Output: map entries of a PodTemplateSpec.
*/}}
{{- define "kit.podTemplate" -}}
{{- $section := include "kit.pods.section" . | fromJson -}}
{{- $in := dict "root" .root "component" .component "section" $section -}}
{{- $parts := include (printf "kit.%s.parts" .component) $in | fromYaml -}}
metadata:
  labels:
    {{- include "kit.podLabels" $in | nindent 4 }}
  {{- with merge ($parts.annotations | default dict) $section.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- include "kit.podSpec" (merge (dict "parts" $parts) $in) | nindent 2 }}
{{- end -}}

{{/* Input: root, component, section, parts. Output: map entries of a PodSpec. */}}
{{- define "kit.podSpec" -}}
{{- $section := .section -}}
{{- $spec := .parts.spec -}}
{{- if kindIs "bool" $section.automountServiceAccountToken -}}
{{- $_ := set $spec "automountServiceAccountToken" $section.automountServiceAccountToken -}}
{{- end -}}
{{- toYaml $spec }}
# Otherwise Kubernetes adds about ten variables for each Service of the namespace.
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "kit.placement" . | trim }}
{{ . }}
{{- end }}
securityContext:
  {{- include "kit.podSecurityContext" (dict "section" $section "user" .parts.user) | nindent 2 }}
{{- with include "kit.initContainers" (dict "section" $section "own" (.parts.initContainers | default list)) | fromJsonArray }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $main := include "kit.container" (dict "section" $section "container" .parts.container) | fromJson }}
{{- with $section.lifecycle }}
{{- $_ := set $main "lifecycle" (include "kit.hooks" (dict "own" $main.lifecycle "more" .) | fromJson) }}
{{- end }}
containers:
  {{- include "kit.unique" (dict "key" "name" "list" (prepend $section.extraContainers $main)) | fromJsonArray | toYaml | nindent 2 }}
{{- $volumes := concat (.parts.volumes | default list) (include "kit.shm.volumes" $section | fromYamlArray) $section.extraVolumes }}
{{- with include "kit.unique" (dict "key" "name" "list" $volumes) | fromJsonArray }}
volumes:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
A container of the chart with what the values add to it. Input: section, container (a map: its env and volumeMounts are those of
the chart); optional user, the user of its image where it is not the pod's. Output: JSON of the container.
*/}}
{{- define "kit.container" -}}
{{- $section := .section -}}
{{- $container := omit .container "" -}}
{{- $env := concat ($container.env | default list) $section.env -}}
{{- $shm := include "kit.shm.mounts" $section | fromYamlArray -}}
{{- $mounts := concat ($container.volumeMounts | default list) $shm $section.extraVolumeMounts -}}
{{- with $env -}}{{- $_ := set $container "env" (include "kit.unique" (dict "key" "name" "list" .) | fromJsonArray) -}}{{- end -}}
{{- $_ := set $container "volumeMounts" (include "kit.unique" (dict "key" "mountPath" "list" $mounts) | fromJsonArray) -}}
{{- $_ := set $container "resources" $section.resources -}}
{{- $_ := set $container "securityContext" (include "kit.containerSecurityContext" . | fromYaml) -}}
{{- toJson $container -}}
{{- end -}}

{{/* Lifecycle hooks, each of them whole: one has a single action. Input: own (the chart's), more. Output: JSON of a Lifecycle. */}}
{{- define "kit.hooks" -}}
{{- $hooks := omit (.own | default dict) "" -}}
{{- range $name, $action := .more | default dict -}}{{- $_ := set $hooks $name $action -}}{{- end -}}
{{- toJson $hooks -}}
{{- end -}}

{{/*
Init containers in the order in which they start: the user's first ones and sidecars, the chart's, the user's others.
Input: section, own (the chart's). Output: a JSON list.
*/}}
{{- define "kit.initContainers" -}}
{{- $sidecars := list -}}
{{- $others := list -}}
{{- range .section.extraInitContainers -}}
{{- if eq (get . "restartPolicy" | toString) "Always" -}}
{{- $sidecars = append $sidecars . -}}
{{- else -}}
{{- $others = append $others . -}}
{{- end -}}
{{- end -}}
{{- include "kit.unique" (dict "key" "name" "list" (concat .section.firstInitContainers $sidecars .own $others)) -}}
{{- end -}}

{{/* Memory that the processes of a pod share. Input: a section (see kit.pods.section). Output: a YAML list. */}}
{{- define "kit.shm.volumes" -}}
{{- with .shmSizeLimit -}}
- name: shm
  emptyDir: {medium: Memory, sizeLimit: {{ . }}}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{/* The mount of that memory. Input: a section. Output: a YAML list. */}}
{{- define "kit.shm.mounts" -}}
{{- ternary "[{name: shm, mountPath: /dev/shm}]" "[]" (not (empty .shmSizeLimit)) -}}
{{- end -}}
