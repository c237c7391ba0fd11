{{/*
Autoscaling of a group: a group inherits how an autoscaler works, and not whether it has one, as with its number of pods.
Input: common (workers.celery.autoscaling), own (that of the group). Output: JSON of the merged section.
*/}}
{{- define "kit.celery.mergedScaling" -}}
{{- $common := dict -}}
{{- range $kind, $section := .common -}}{{- $_ := set $common $kind (omit $section "maxReplicas") -}}{{- end -}}
{{- include "kit.merge" (dict "base" $common "over" (.own | default dict)) -}}
{{- end -}}

{{/* The autoscaler of a group. Input: section (workers.celery of the group). Output: hpa, keda or nothing. */}}
{{- define "kit.celery.scaler" -}}
{{- $scaling := .section.autoscaling | default dict -}}
{{- if ($scaling.keda | default dict).maxReplicas -}}keda{{- else if ($scaling.hpa | default dict).maxReplicas -}}hpa{{- end -}}
{{- end -}}

{{/* Whether KEDA scales a group of the release. Input: the root. Output: "true" or nothing. */}}
{{- define "kit.celery.hasKeda" -}}
{{- $found := list -}}
{{- if include "kit.runsTasks" (dict "root" . "role" "celery") -}}
{{- range include "kit.celery.groups" . | fromJson -}}
{{- $found = append $found (include "kit.celery.scaler" (dict "section" .)) -}}
{{- end -}}
{{- end -}}
{{- if has "keda" $found -}}true{{- end -}}
{{- end -}}

{{/*
The workload that an autoscaler scales. Input: root, suffix (see kit.celery.group). Output: YAML of a reference.
*/}}
{{- define "kit.celery.scaleTarget" -}}
apiVersion: apps/v1
kind: StatefulSet
name: {{ include "kit.name" (dict "root" .root "component" .suffix) }}
{{- end -}}

{{/* Metrics of a HorizontalPodAutoscaler. Input: hpa (its section). Output: a YAML list. */}}
{{- define "kit.celery.metrics" -}}
{{- $metrics := list -}}
{{- range $name, $percent := dict "cpu" .hpa.targetCpu "memory" .hpa.targetMemory -}}
{{- if $percent -}}
{{- $target := dict "type" "Utilization" "averageUtilization" (int $percent) -}}
{{- $metrics = append $metrics (dict "type" "Resource" "resource" (dict "name" $name "target" $target)) -}}
{{- end -}}
{{- end -}}
{{- concat $metrics (.hpa.metrics | default list) | toYaml -}}
{{- end -}}
