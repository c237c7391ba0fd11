{{/*
Deployment of an Airflow component. Input: root; component, which is also its role; values, its section; container, a map
with what its main container has of its own (args, ports, probes, lifecycle, volumeMounts); spec, a map with what its
pod and Deployment have of their own (strategy, volumes, automountServiceAccountToken).
*/}}
{{- define "kit.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "kit.metadata" (dict "root" .root "component" .component "annotations" (include "kit.kubeScore" list | fromYaml)) | nindent 2 }}
spec:
  replicas: {{ .values.replicas | int }}
  revisionHistoryLimit: 3
  # The wait for the database counts into it.
  progressDeadlineSeconds: {{ add .root.Values.database.waitTimeoutSeconds 600 }}
  strategy:
    {{- toYaml .spec.strategy | nindent 4 }}
  selector:
    matchLabels:
      {{- include "kit.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "kit.podLabels" . | nindent 8 }}
      annotations:
        {{- merge (include "kit.checksums" .root | fromYaml) .values.podAnnotations .root.Values.commonAnnotations | toYaml | nindent 8 }}
    spec:
      {{- include "kit.deployment.pod" . | nindent 6 }}
{{- end -}}

{{/* PodSpec of a component. Input: as kit.deployment. */}}
{{- define "kit.deployment.pod" -}}
{{- $role := dict "root" .root "role" .component -}}
{{- $dags := include "kit.readsDags" $role -}}
{{- $env := include "kit.env" (merge (dict "env" .values.env) $role) -}}
serviceAccountName: {{ include "kit.serviceAccountName" . }}
automountServiceAccountToken: {{ .spec.automountServiceAccountToken | default false }}
terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds | int }}
securityContext:
  {{- include "kit.podSecurityContext" .root | nindent 2 }}
{{ include "kit.podBasics" . }}
initContainers:
  - {{- include "kit.waitContainer" (merge (dict "target" "migrated" "env" $env) $role) | nindent 4 }}
  {{- if $dags }}
  {{- with include "kit.dags.slot" (dict "root" .root "slot" "longLived" "role" .component) | fromYamlArray }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- with .values.extraInitContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
containers:
  - {{- include "kit.deployment.container" (merge (dict "env" $env) .) | nindent 4 }}
  {{- with .values.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  {{- include "kit.airflowVolumes" $role | nindent 2 }}
  {{- if $dags }}
  {{- with include "kit.dags.slot" (dict "root" .root "slot" "volumes" "role" .component) | fromYamlArray }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- with concat (.spec.volumes | default list) .values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Main container of a component. Input: as kit.deployment, and env as YAML. */}}
{{- define "kit.deployment.container" -}}
{{- $role := dict "root" .root "role" .component -}}
{{- $mounts := include "kit.airflowMounts" $role | fromYamlArray -}}
{{- if include "kit.readsDags" $role -}}
{{- $mounts = concat $mounts (include "kit.dags.slot" (dict "root" .root "slot" "mounts" "role" .component) | fromYamlArray) -}}
{{- end -}}
{{- $mounts = concat $mounts (.container.volumeMounts | default list) .values.extraVolumeMounts -}}
name: {{ .component }}
image: {{ include "kit.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{ omit .container "volumeMounts" | toYaml }}
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

{{/* ServiceAccount of a component; nothing if the user has one. Input: root, component, values. */}}
{{- define "kit.serviceAccount" -}}
{{- if .values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "kit.metadata" (dict "root" .root "component" .component "name" (include "kit.serviceAccountName" .) "annotations" (deepCopy .values.serviceAccount.annotations)) | nindent 2 }}
# Each pod says for itself whether it calls Kubernetes.
automountServiceAccountToken: false
{{- end -}}
{{- end -}}
