{{/*
CronJobs that delete what is old: clean-logs, clean-db and clean-pods. Kubernetes allows their names 52 characters, so the names
of these components have at most 11 (see kit.fullname).

Whether the release has one. Input: root, component. Output: "true" or nothing.
*/}}
{{- define "kit.cleans" -}}
{{- $v := .root.Values -}}
{{- $wanted := (include "kit.pods.own" . | fromJson).enabled -}}
{{- $possible := include "kit.cleans.possible" . -}}
{{- $harmless := dict
  "clean-logs" (not $v.logs.persistence.existingClaim)
  "clean-db" $v.postgres.enabled
  "clean-pods" $v.workers.deletePods -}}
{{- if and $possible (kindIs "bool" $wanted | ternary $wanted (get $harmless .component)) -}}true{{- end -}}
{{- end -}}

{{/* Whether there is anything to clean. Input: root, component. Output: "true" or nothing. */}}
{{- define "kit.cleans.possible" -}}
{{- if eq .component "clean-logs" -}}
{{- if .root.Values.logs.persistence.enabled -}}true{{- end -}}
{{- else if eq .component "clean-pods" -}}
{{- include "kit.runsTasks" (dict "root" .root "role" "worker") -}}
{{- else -}}true{{- end -}}
{{- end -}}

{{/*
One of these CronJobs, and its ServiceAccount; nothing if the release has none. kube-score would have a deadline for late starts: a
laptop that slept at the time shall run the missed one when it wakes. Input: root, component. Output: objects.
*/}}
{{- define "kit.cronJob" -}}
{{- if include "kit.cleans" . -}}
{{- $values := include "kit.pods.own" . | fromJson -}}
{{- $section := include "kit.pods.section" . | fromJson -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  {{- include "kit.workloadMetadata" (merge (dict "ignore" (list "cronjob-has-deadline")) .) | nindent 2 }}
spec:
  schedule: {{ $values.schedule | quote }}
  {{- with $values.timeZone }}
  timeZone: {{ . | quote }}
  {{- end }}
  suspend: {{ $values.suspend }}
  concurrencyPolicy: Forbid
  successfulJobsHistoryLimit: {{ $values.successfulJobsHistoryLimit | int }}
  failedJobsHistoryLimit: {{ $values.failedJobsHistoryLimit | int }}
  jobTemplate:
    metadata:
      labels:
        {{- include "kit.podLabels" (merge (dict "section" (dict "podLabels" dict)) .) | nindent 8 }}
    spec:
      # A second try for a node that went down; what fails twice waits for the next run.
      backoffLimit: 1
      activeDeadlineSeconds: {{ $values.activeDeadlineSeconds | int }}
      template:
        {{- include "kit.podTemplate" . | nindent 8 }}
---
{{ include "kit.serviceAccount" . }}
{{- end -}}
{{- end -}}

{{/*
Container of a script that needs nothing of Airflow. Input: root, component, command (arguments of python3). Output: map entries of
a container.
*/}}
{{- define "kit.cronJob.script" -}}
name: {{ .component }}
image: {{ include "kit.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
command: {{ concat (list "python3" "-IS") .command | toJson }}
{{- end -}}
