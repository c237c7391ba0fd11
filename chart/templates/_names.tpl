{{/*
Prefix of all names. At most 40 characters, so that every suffix of the kit, and the hash that Kubernetes adds to a pod's
name, fits into 63. A longer name ends in a hash of itself: if it were only cut, two releases of one namespace could get
the same names. kitctl/model/names.py computes the same. Input: the root. Output: text.
*/}}
{{- define "kit.fullname" -}}
{{- $name := .Values.nameOverride | default "airflow" -}}
{{- $full := .Values.fullnameOverride -}}
{{- if not $full -}}
{{- $full = contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- end -}}
{{- if gt (len $full) 40 -}}
{{- $full = printf "%s-%s" ($full | trunc 33 | trimSuffix "-") ($full | sha256sum | trunc 6) -}}
{{- end -}}
{{- $full -}}
{{- end -}}

{{/* Name of an object. Input: root, component (or any suffix). Output: <fullname>-<component>. */}}
{{- define "kit.name" -}}
{{- printf "%s-%s" (include "kit.fullname" .root) .component -}}
{{- end -}}

{{/*
Name of a Job: it changes with the Job's content, since a Job cannot be updated. A Job that failed never runs again, so it
gets another name at the next `helm upgrade`; three are enough, as Helm deletes the one that it replaces. Without a cluster
(helm template, Argo CD) `lookup` finds no Job. Input: root, component, content. Output: text.
*/}}
{{- define "kit.jobName" -}}
{{- $all := list -}}
{{- $there := list -}}
{{- $free := list -}}
{{- range list "" "2" "3" -}}
{{- $name := printf "%s-%s" (include "kit.name" $) (print $.content . | sha256sum | trunc 8) -}}
{{- $all = append $all $name -}}
{{- $job := lookup "batch/v1" "Job" $.root.Release.Namespace $name -}}
{{- if not $job -}}
{{- $free = append $free $name -}}
{{- else if not (include "kit.jobFailed" $job) -}}
{{- $there = append $there $name -}}
{{- end -}}
{{- end -}}
{{- concat $there $free $all | first -}}
{{- end -}}

{{/* Whether a Job has failed for good. Input: a Job of the cluster. Output: "true" or nothing. */}}
{{- define "kit.jobFailed" -}}
{{- range (.status | default dict).conditions -}}
{{- if and (eq .type "Failed") (eq .status "True") -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Secret with the keys. Input: the root. Output: its name. */}}
{{- define "kit.keysSecret" -}}
{{- .Values.keys.existingSecret | default (include "kit.name" (dict "root" . "component" "keys")) -}}
{{- end -}}

{{/* Claim of the task logs. Input: the root. Output: its name. */}}
{{- define "kit.logsClaim" -}}
{{- .Values.logs.persistence.existingClaim | default (include "kit.name" (dict "root" . "component" "logs")) -}}
{{- end -}}

{{/* Claim of the DAGs in mode pvc. Input: the root. Output: its name. */}}
{{- define "kit.dagsClaim" -}}
{{- .Values.dags.pvc.existingClaim | default (include "kit.name" (dict "root" . "component" "dags")) -}}
{{- end -}}

{{/* Claim of the clones in mode bundle, where dags.bundle.cache is set. Input: the root. Output: its name. */}}
{{- define "kit.bundlesClaim" -}}
{{- .Values.dags.bundle.cache.existingClaim | default (include "kit.name" (dict "root" . "component" "bundles")) -}}
{{- end -}}

{{/* Claim of the kit's own PostgreSQL. Input: the root. Output: its name. */}}
{{- define "kit.postgresClaim" -}}
{{- .Values.postgres.storage.existingClaim | default (printf "data-%s-0" (include "kit.name" (dict "root" . "component" "postgres"))) -}}
{{- end -}}

{{/* ServiceAccount of a component. Input: root, component, values (its section of the values). Output: its name. */}}
{{- define "kit.serviceAccountName" -}}
{{- .values.serviceAccount.name | default (include "kit.name" (dict "root" .root "component" .component)) -}}
{{- end -}}

{{/* Namespace of the worker pods. Input: the root. Output: its name. */}}
{{- define "kit.executorNamespace" -}}
{{- .Values.workers.namespace | default .Release.Namespace -}}
{{- end -}}

{{/* Namespaces that hold pods of the release, the release's own first. Input: the root. Output: a JSON list. */}}
{{- define "kit.namespaces" -}}
{{- list .Release.Namespace (include "kit.executorNamespace" .) | uniq | toJson -}}
{{- end -}}

{{/* Host name of a Service of the release. Input: root, component. Output: text. */}}
{{- define "kit.serviceHost" -}}
{{- printf "%s.%s.svc.%s" (include "kit.name" .) .root.Release.Namespace .root.Values.clusterDomain -}}
{{- end -}}

{{/* Public address of the UI: apiServer.baseUrl, or that of an Ingress or HTTPRoute. Input: the root. Output: a URL, or nothing. */}}
{{- define "kit.baseUrl" -}}
{{- .Values.apiServer.baseUrl | default (include "kit.doorUrl" .) -}}
{{- end -}}

{{/* Path of the public address, without a slash at its end. Input: the root. Output: "" or "/prefix". */}}
{{- define "kit.basePath" -}}
{{- with include "kit.baseUrl" . -}}{{- (urlParse .).path | trimSuffix "/" -}}{{- end -}}
{{- end -}}

{{/*
URL to which tasks report. It names the Service and never the public host: pods may not reach the address that
browsers use, and a failing ingress must not end tasks. It keeps the path of that address, because Airflow serves below it.
Input: the root. Output: text.
*/}}
{{- define "kit.executionApiUrl" -}}
{{- $host := include "kit.serviceHost" (dict "root" . "component" "api-server") -}}
{{- printf "http://%s:%d%s/execution/" $host (int .Values.apiServer.service.port) (include "kit.basePath" .) -}}
{{- end -}}

{{/* Host of the database. Input: the root. Output: text. */}}
{{- define "kit.databaseHost" -}}
{{- if .Values.postgres.enabled -}}
{{- include "kit.serviceHost" (dict "root" . "component" "postgres") -}}
{{- else -}}
{{- .Values.database.host -}}
{{- end -}}
{{- end -}}
