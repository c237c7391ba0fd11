{{/* The emptyDir of a worker's /tmp. Input: the root. Output: JSON. */}}
{{- define "kit.workers.tmp" -}}
{{- $dir := dict -}}
{{- with .Values.workers.tmpSizeLimit -}}{{- $_ := set $dir "sizeLimit" . -}}{{- end -}}
{{- toJson $dir -}}
{{- end -}}

{{/* The volume of a worker's logs: the shared claim, or a directory that is lost with the pod. Input: the root. Output: JSON. */}}
{{- define "kit.workers.logs" -}}
{{- $volumes := include "kit.airflowVolumes" (dict "root" . "role" "worker") | fromYamlArray -}}
{{- range $volumes -}}{{- if eq .name "logs" -}}{{- toJson . -}}{{- end -}}{{- end -}}
{{- end -}}

{{/* What the values say of worker pods. Input: the root. Output: JSON, see kit.pods.section. */}}
{{- define "kit.workers.section" -}}
{{- include "kit.pods.section" (dict "root" . "component" "worker") -}}
{{- end -}}

{{/* Labels of worker pods. Input: root, section. Output: JSON. */}}
{{- define "kit.workers.labels" -}}
{{- include "kit.podLabels" (dict "root" .root "component" "worker" "section" .section) | fromYaml | toJson -}}
{{- end -}}

{{/* Annotations of worker pods, which no render contains: Argo CD must not remove them. Input: section. Output: JSON. */}}
{{- define "kit.workers.annotations" -}}
{{- merge (deepCopy .podAnnotations) (include "kit.argoAnnotations" "Prune=false" | fromJson) | toJson -}}
{{- end -}}

{{/* Init containers of worker pods. Input: root, section. Output: a JSON list. */}}
{{- define "kit.workers.initContainers" -}}
{{- $own := include "kit.dags.slot" (dict "root" .root "slot" "once" "role" "worker") | fromJsonArray -}}
{{- include "kit.initContainers" (dict "section" .section "own" $own) -}}
{{- end -}}

{{/* Volumes of worker pods beside configuration, /tmp and logs. Input: root, section. Output: a JSON list. */}}
{{- define "kit.workers.volumes" -}}
{{- $dags := include "kit.dags.slot" (dict "root" .root "slot" "volumes" "role" "worker") | fromJsonArray -}}
{{- $policy := include "kit.policy.volumes" (dict "root" .root "role" "worker") | fromYamlArray -}}
{{- $extension := include "kit.extension.volumes" (dict "root" .root "role" "worker") | fromYamlArray -}}
{{- concat $policy $extension $dags (include "kit.shm.volumes" .section | fromYamlArray) .section.extraVolumes | toJson -}}
{{- end -}}

{{/* Mounts of the task's container beside those. Input: root, section. Output: a JSON list. */}}
{{- define "kit.workers.mounts" -}}
{{- $dags := include "kit.dags.slot" (dict "root" .root "slot" "mounts" "role" "worker") | fromJsonArray -}}
{{- $policy := include "kit.policy.mounts" (dict "root" .root "role" "worker") | fromYamlArray -}}
{{- $extension := include "kit.extension.mounts" (dict "root" .root "role" "worker") | fromYamlArray -}}
{{- concat $policy $extension $dags (include "kit.shm.mounts" .section | fromYamlArray) .section.extraVolumeMounts | toJson -}}
{{- end -}}

{{/*
The mount of the logs, then those of kit.workers.mounts. Whole pod templates of users mount the logs themselves and ask for the
latter, so this one has a name of its own. Input: root, section. Output: a JSON list.
*/}}
{{- define "kit.workers.allMounts" -}}
{{- $logs := include "kit.logsMount" (dict "root" .root "role" "worker") | fromJson -}}
{{- concat (list $logs) (include "kit.workers.mounts" . | fromJsonArray) | toJson -}}
{{- end -}}

{{/* Spread constraints of worker pods. Input: root, section. Output: a JSON list. */}}
{{- define "kit.workers.spread" -}}
{{- include "kit.spread" (dict "root" .root "component" "worker" "section" .section) -}}
{{- end -}}

{{/* Whether worker pods get the token of the Kubernetes API. Input: root, section. Output: JSON. */}}
{{- define "kit.workers.automount" -}}
{{- $own := .section.automountServiceAccountToken -}}
{{- kindIs "bool" $own | ternary $own .root.Values.workers.podOperatorRights | toJson -}}
{{- end -}}

{{/*
Whether the scheduler and the API server see the worker pods of this release only (files/policy/scope.py). A client of the user's
own ([kubernetes_executor] client_factory) sees those of every release. Input: the root. Output: "true" or nothing.
*/}}
{{- define "kit.workers.scoped" -}}
{{- $own := false -}}
{{- $config := include "kit.env.config" (dict "root" . "role" "scheduler") | fromYamlArray -}}
{{- range concat $config .Values.env .Values.scheduler.env .Values.apiServer.env -}}
{{- if eq .name "AIRFLOW__KUBERNETES_EXECUTOR__CLIENT_FACTORY" -}}{{- $own = true -}}{{- end -}}
{{- end -}}
{{- if and (not $own) (include "kit.hasExecutor" (dict "root" . "executor" "KubernetesExecutor")) -}}true{{- end -}}
{{- end -}}
