{{/*
Prefix of all names. Input: the root. Output: at most 40 characters, so that every suffix of the kit, and the hash that
Kubernetes adds to a pod's name, fits into 63. A longer one ends in a hash of itself: cut alone, two releases of one
namespace could meet.
kitctl/model/names.py makes the same.
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

{{/* Secret with the keys. Input: the root. */}}
{{- define "kit.keysSecret" -}}
{{- .Values.keys.existingSecret | default (include "kit.name" (dict "root" . "component" "keys")) -}}
{{- end -}}

{{/* Does the chart run the Job that makes the keys? Input: the root. Output: "true" or nothing. */}}
{{- define "kit.makesKeys" -}}
{{- if and .Values.keys.bootstrap.enabled (not .Values.keys.existingSecret) -}}true{{- end -}}
{{- end -}}

{{/* Claim of the task logs. Input: the root. */}}
{{- define "kit.logsClaim" -}}
{{- .Values.logs.persistence.existingClaim | default (include "kit.name" (dict "root" . "component" "logs")) -}}
{{- end -}}

{{/* ServiceAccount of a component. Input: root, component, values (its section of the values). */}}
{{- define "kit.serviceAccountName" -}}
{{- .values.serviceAccount.name | default (include "kit.name" (dict "root" .root "component" .component)) -}}
{{- end -}}

{{/* Namespace of the worker pods. Input: the root. */}}
{{- define "kit.executorNamespace" -}}
{{- .Values.workers.namespace | default .Release.Namespace -}}
{{- end -}}

{{/* Namespaces that hold pods of the release, the release's own first. Input: the root. Output: a JSON list. */}}
{{- define "kit.namespaces" -}}
{{- list .Release.Namespace (include "kit.executorNamespace" .) | uniq | toJson -}}
{{- end -}}

{{/* Is an executor in the list? Input: root, executor. Output: "true" or nothing. */}}
{{- define "kit.hasExecutor" -}}
{{- if has .executor .root.Values.executors -}}true{{- end -}}
{{- end -}}

{{/* Path of apiServer.baseUrl without a slash at its end: "" or "/prefix". Input: the root. */}}
{{- define "kit.basePath" -}}
{{- with .Values.apiServer.baseUrl -}}{{- (urlParse .).path | trimSuffix "/" -}}{{- end -}}
{{- end -}}

{{/*
Where tasks report to. Input: the root. The Service and never baseUrl: a browser's address is not reachable from every
pod, and a fault of the ingress must not end tasks. The path is kept, as Airflow serves below it.
*/}}
{{- define "kit.executionApiUrl" -}}
{{- $service := include "kit.name" (dict "root" . "component" "api-server") -}}
{{- printf "http://%s.%s.svc.%s:%d%s/execution/" $service .Release.Namespace .Values.clusterDomain (int .Values.apiServer.service.port) (include "kit.basePath" .) -}}
{{- end -}}

{{/* Host of the database. Input: the root. */}}
{{- define "kit.databaseHost" -}}
{{- if .Values.postgres.enabled -}}
{{- printf "%s.%s.svc.%s" (include "kit.name" (dict "root" . "component" "postgres")) .Release.Namespace .Values.clusterDomain -}}
{{- else -}}
{{- .Values.database.host -}}
{{- end -}}
{{- end -}}
