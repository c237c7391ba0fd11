{{/*
ServiceAccounts of a component; nothing if the user has them, or if another component of the release has the same. Input: root,
component; optional namespace. Output: objects.
*/}}
{{- define "kit.serviceAccount" -}}
{{- $place := .namespace | default .root.Release.Namespace -}}
{{- $separator := "" -}}
{{- range $key, $account := include "kit.accounts" .root | fromJson -}}
{{- if and (eq $account.component $.component) (eq $account.namespace $place) -}}
{{- $separator }}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "kit.metadata" (merge (dict "name" $account.name "annotations" $account.annotations) $) | nindent 2 }}
# A pod that calls Kubernetes mounts the token by a setting of its own.
automountServiceAccountToken: false
{{- $separator = "\n---" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
The ServiceAccounts that the release makes: each name once, with the first component that has it and the annotations of all.
They are kept in the root, as every component asks for them. Input: the root. Output: a JSON map.
*/}}
{{- define "kit.accounts" -}}
{{- if not (hasKey . "kitAccounts") -}}
{{- $v := .Values -}}
{{- $sections := dict "api-server" $v.apiServer "scheduler" $v.scheduler "dag-processor" $v.dagProcessor "migrate" $v.migrations -}}
{{- if include "kit.runsTasks" (dict "root" . "role" "worker") -}}{{- $_ := set $sections "worker" $v.workers -}}{{- end -}}
{{- if include "kit.runsTasks" (dict "root" . "role" "celery") -}}
{{- range $group, $section := include "kit.celery.groups" . | fromJson -}}
{{- $_ := set $sections (printf "celery %s" $group) $section -}}
{{- end -}}
{{- end -}}
{{- if include "kit.flower.deployed" . -}}{{- $_ := set $sections "flower" $v.flower -}}{{- end -}}
{{- if $v.triggerer.enabled -}}{{- $_ := set $sections "triggerer" $v.triggerer -}}{{- end -}}
{{- if $v.pgbouncer.enabled -}}{{- $_ := set $sections "pgbouncer" $v.pgbouncer -}}{{- end -}}
{{- if include "kit.makesKeys" . -}}{{- $_ := set $sections "keys" $v.keys.bootstrap -}}{{- end -}}
{{- if include "kit.objects.wanted" . -}}{{- $_ := set $sections "objects" $v.objects.job -}}{{- end -}}
{{- range list "clean-logs" "clean-db" "clean-pods" -}}
{{- $of := dict "root" $ "component" . -}}
{{- if include "kit.cleans" $of -}}{{- $_ := set $sections . (include "kit.pods.own" $of | fromJson) -}}{{- end -}}
{{- end -}}
{{- $accounts := dict -}}
{{- range $whose, $section := $sections -}}
{{- $component := splitList " " $whose | first -}}
{{- if $section.serviceAccount.create -}}
{{- $name := include "kit.serviceAccountName" (dict "root" $ "component" $component "values" $section) -}}
{{- $namespace := include "kit.networkNamespace" (dict "root" $ "component" $component) -}}
{{- $key := printf "%s/%s" $namespace $name -}}
{{- $known := get $accounts $key | default dict -}}
{{- $annotations := merge (dict) $section.serviceAccount.annotations ($known.annotations | default dict) -}}
{{- $first := $known.component | default $component -}}
{{- $_ := set $accounts $key (dict "name" $name "namespace" $namespace "component" $first "annotations" $annotations) -}}
{{- end -}}
{{- end -}}
{{- $_ := set . "kitAccounts" (toJson $accounts) -}}
{{- end -}}
{{- .kitAccounts -}}
{{- end -}}

{{/*
Rights of a component in the executor's namespace. Another release may use that namespace too, so the names carry this
release's prefix. Input: root, component, values, rules (a list); optional annotations (a map). Output: a Role and a RoleBinding.
*/}}
{{- define "kit.executorRole" -}}
{{- $in := dict "namespace" (include "kit.executorNamespace" .root) "annotations" .annotations -}}
{{- $metadata := include "kit.metadata" (merge $in (pick . "root" "component")) -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- $metadata | nindent 2 }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- $metadata | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "kit.name" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "kit.serviceAccountName" . | quote }}
    namespace: {{ .root.Release.Namespace | quote }}
{{- end -}}
