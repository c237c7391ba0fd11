{{/*
Pod template of a long-lived Airflow component. What a component has of its own stands in its folder's _pod.tpl, in two
defines that take the root and give a YAML map:
  kit.<component>.container  fields of its main container: args, ports, probes, lifecycle, volumeMounts
  kit.<component>.pod        automountServiceAccountToken and volumes of its pod; {} if it needs neither
Input: root, component (also its role), values (its section of the values). Output: map entries of a PodTemplateSpec.
*/}}
{{- define "kit.podTemplate" -}}
metadata:
  labels:
    {{- include "kit.podLabels" . | nindent 4 }}
  annotations:
    {{- merge (include "kit.checksums" .root | fromYaml) .values.podAnnotations .root.Values.commonAnnotations | toYaml | nindent 4 }}
spec:
  {{- include "kit.podSpec" . | nindent 2 }}
{{- end -}}

{{/* Annotations that restart pods when configuration or image change; no secret is in them. Input: the root. Output: map entries. */}}
{{- define "kit.checksums" -}}
checksum/config: {{ include "kit.configData" . | sha256sum | trunc 16 }}
{{- with .Values.image.revision }}
airflow-kit.io/image-revision: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* PodSpec of a component. Input: as for kit.podTemplate. Output: map entries of a PodSpec. */}}
{{- define "kit.podSpec" -}}
{{- $own := include (printf "kit.%s.pod" .component) .root | fromYaml -}}
{{- $role := dict "root" .root "role" .component -}}
{{- $dags := include "kit.readsDags" $role -}}
{{- $env := include "kit.env" (merge (dict "env" .values.env) $role) -}}
serviceAccountName: {{ include "kit.serviceAccountName" . }}
automountServiceAccountToken: {{ $own.automountServiceAccountToken | default false }}
terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds | int }}
securityContext:
  {{- include "kit.podSecurityContext" .root | nindent 2 }}
{{ include "kit.podBasics" . }}
initContainers:
  - {{- include "kit.waitContainer" (merge (dict "target" "migrated" "env" $env) $role) | nindent 4 }}
  {{- if $dags }}
  {{- with include "kit.dags.slot" (dict "root" .root "slot" "longLived" "role" .component) | fromJsonArray }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- with .values.extraInitContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
containers:
  - {{- include "kit.mainContainer" (dict "root" .root "component" .component "values" .values "env" $env "dags" $dags) | nindent 4 }}
  {{- with .values.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  {{- include "kit.airflowVolumes" $role | nindent 2 }}
  {{- if $dags }}
  {{- with include "kit.dags.slot" (dict "root" .root "slot" "volumes" "role" .component) | fromJsonArray }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- with concat ($own.volumes | default list) .values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/*
Main container of a component. Input: root, component, values, env (as YAML), dags (not empty if it reads DAGs). Output: map
entries of a container.
*/}}
{{- define "kit.mainContainer" -}}
{{- $own := include (printf "kit.%s.container" .component) .root | fromYaml -}}
{{- $role := dict "root" .root "role" .component -}}
{{- $mounts := include "kit.airflowMounts" $role | fromYamlArray -}}
{{- if .dags -}}
{{- $mounts = concat $mounts (include "kit.dags.slot" (dict "root" .root "slot" "mounts" "role" .component) | fromJsonArray) -}}
{{- end -}}
{{- $mounts = concat $mounts ($own.volumeMounts | default list) .values.extraVolumeMounts -}}
name: {{ .component }}
image: {{ include "kit.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{ omit $own "volumeMounts" | toYaml }}
env:
  {{- .env | nindent 2 }}
{{- with .root.Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
resources:
  {{- toYaml .values.resources | nindent 2 }}
securityContext:
  {{- include "kit.containerSecurityContext" .root | nindent 2 }}
volumeMounts:
  {{- toYaml $mounts | nindent 2 }}
{{- end -}}
