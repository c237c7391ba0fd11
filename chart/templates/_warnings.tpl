{{/* Warnings and notes that an install prints: what works but may hurt later. Input: the root. Output: text, or nothing. */}}
{{- define "kit.warnings" -}}
{{- $v := .Values -}}
{{- if and (not $v.logs.persistence.enabled) (not $v.logs.remote.enabled) }}
WARNING: task logs are lost when a worker pod is deleted, because logs.persistence.enabled and logs.remote.enabled are false.
  To keep logs:  --set logs.persistence.enabled=true
{{- end }}
{{- if and (gt (int $v.scheduler.replicas) 1) (include "kit.hasExecutor" (dict "root" . "executor" "KubernetesExecutor")) }}
WARNING: scheduler.replicas is {{ int $v.scheduler.replicas }}: two schedulers with the KubernetesExecutor have launched a task twice
  (apache/airflow#57618). A single scheduler recovers within a minute:  --set scheduler.replicas=1
{{- end }}
{{- if and (eq (include "kit.auth.preset" .) "simple") $v.auth.simple.allAdmins }}
WARNING: auth.simple.allAdmins is true: everyone who can open the UI is an administrator, without a log-in, and can run any code in
  your cluster.  --set auth.simple.allAdmins=false
{{- end }}
{{- if not $v.triggerer.enabled }}
WARNING: triggerer.enabled is false, so deferred tasks never resume.
{{- end }}
{{- if $v.postgres.enabled }}
Note: PostgreSQL is part of the release, which suits laptops and small teams. It has one replica. Back it up, or use an
  external database (database.host).
{{- end }}
{{- if not (or $v.keys.existingSecret $v.keys.bootstrap.enabled) }}
Note: keys.bootstrap.enabled is false, so pods start only once the Secret {{ include "kit.keysSecret" . }} exists (kitctl creates it).
{{- end }}
{{- include "kit.notes.endless" . }}
{{- include "kit.notes.budgets" . }}
{{- include "kit.notes.queues" . }}
{{- include "kit.notes.utilization" . }}
{{- $store := $v.logs.remote }}
{{- if and (not $store.enabled) (or $store.folder $store.opensearch.host $store.elasticsearch.hostSecret.name) }}
WARNING: logs.remote names a store, but logs.remote.enabled is false, so no log goes there.  --set logs.remote.enabled=true
{{- end }}
{{- include "kit.notes.shared" . }}
{{- include "kit.notes.proxies" . }}
{{- include "kit.notes.oneNode" . }}
{{- include "kit.notes.sections" . }}
{{- end -}}

{{/* Containers beside those of Jobs and tasks, whose pods would never end. Input: the root. Output: text, or nothing. */}}
{{- define "kit.notes.endless" -}}
{{- $sections := list -}}
{{- if .Values.pods.extraContainers -}}{{- $sections = append $sections "pods" -}}{{- end -}}
{{- range $component, $path := include "kit.pods.paths" . | fromJson -}}
{{- $own := include "kit.pods.own" (dict "root" $ "component" $component) | fromJson -}}
{{- $ends := has $component (list "worker" "migrate" "keys" "objects" "clean-db" "clean-logs" "clean-pods") -}}
{{- if and $ends $own.extraContainers -}}{{- $sections = append $sections $path -}}{{- end -}}
{{- end -}}
{{- range $sections }}
WARNING: the containers in {{ . }}.extraContainers are also in pods of tasks or Jobs, which end only when all of their containers have
  ended. Move containers that keep running to {{ . }}.extraInitContainers, with restartPolicy: Always.
{{- end }}
{{- end -}}

{{/* Budgets that forbid every eviction: a drain of a node never ends. Input: the root. Output: text, or nothing. */}}
{{- define "kit.notes.budgets" -}}
{{- $sections := dict -}}
{{- range $component, $path := include "kit.pods.paths" . | fromJson -}}
{{- $_ := set $sections $path (include "kit.pods.own" (dict "root" $ "component" $component) | fromJson) -}}
{{- end -}}
{{- range $name, $section := include "kit.celery.groups" . | fromJson -}}
{{- $_ := set $sections (empty $name | ternary "workers.celery" (printf "workers.celery.groups[%s]" $name)) $section -}}
{{- end -}}
{{- range $key, $section := $sections -}}
{{- $pdb := $section.podDisruptionBudget | default dict -}}
{{- $pods := $section.replicas | default 1 | int -}}
{{- $least := include "kit.disruption.pods" $pdb.minAvailable -}}
{{- $blocks := has (include "kit.disruption.pods" $pdb.maxUnavailable) (list "0" "0%") -}}
{{- if $least -}}
{{- $blocks = or (eq $least "100%") (and (not (hasSuffix "%" $least)) (ge (int $least) $pods)) -}}
{{- end -}}
{{- if and $pdb.enabled (gt $pods 1) $blocks }}
WARNING: the podDisruptionBudget of {{ $key }} allows no pod to be evicted, so a drain of its node never ends.
  To let one go at a time, set maxUnavailable to 1 and leave minAvailable empty.
{{- end }}
{{- end -}}
{{- end -}}

{{/* Tasks that name no queue, where no worker serves the default one. Input: the root. Output: text, or nothing. */}}
{{- define "kit.notes.queues" -}}
{{- if eq (include "kit.executors" . | fromJsonArray | first) "CeleryExecutor" -}}
{{- $default := include "kit.celery.defaultQueue" . -}}
{{- $served := .Values.workers.celery.queues | default (list $default) -}}
{{- range .Values.workers.celery.groups -}}{{- $served = concat $served (.queues | default list) -}}{{- end -}}
{{- if not (has $default $served) }}
WARNING: no Celery worker serves the queue {{ $default }}, in which tasks wait that name none.
  To serve it, add it to workers.celery.queues, or set config.operators.default_queue.
{{- end }}
{{- end -}}
{{- end -}}

{{/*
Containers that request nothing of what an autoscaler compares with the requests. A LimitRange may fill them in, which no template can
see, so this is no error. Input: the root. Output: text, or nothing.
*/}}
{{- define "kit.notes.utilization" -}}
{{- if include "kit.runsTasks" (dict "root" . "role" "celery") -}}
{{- range $group, $section := include "kit.celery.groups" . | fromJson -}}
{{- if eq (include "kit.celery.scaler" (dict "section" $section)) "hpa" -}}
{{- $of := dict "component" "celery" -}}
{{- $_ := include "kit.celery.group" (dict "root" $ "group" $group "section" $section "to" $of) -}}
{{- $spec := (include "kit.podTemplate" $of | fromYaml).spec -}}
{{- $containers := $spec.containers -}}
{{- range $spec.initContainers -}}
{{- if eq (.restartPolicy | default "") "Always" -}}{{- $containers = append $containers . -}}{{- end -}}
{{- end -}}
{{- $whose := empty $group | ternary "workers.celery" (printf "the group %s of workers.celery.groups" $group) -}}
{{- range include "kit.celery.metrics" (dict "hpa" $section.autoscaling.hpa) | fromYamlArray -}}
{{- if and (eq .type "Resource") (hasKey .resource.target "averageUtilization") -}}
{{- $resource := .resource.name -}}
{{- range $containers -}}
{{- $resources := .resources | default dict -}}
{{- if not (or (get ($resources.requests | default dict) $resource) (get ($resources.limits | default dict) $resource)) }}
WARNING: the autoscaler of {{ $whose }} compares {{ $resource }} with what pods request, and their container {{ .name }}
  requests none, so the number of pods never changes. Set its resources.requests.{{ $resource }}.
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A proxy that ends TLS before the UI, and that the API server does not believe. Input: the root. Output: text, or nothing. */}}
{{- define "kit.notes.proxies" -}}
{{- $trusted := .Values.apiServer.trustedProxies | default list -}}
{{- $open := or .Values.ingress.ui.enabled .Values.httpRoute.ui.enabled -}}
{{- if and $open (hasPrefix "https://" (include "kit.baseUrl" .)) (not (without $trusted "127.0.0.1" "::1")) }}
WARNING: users come by https, but apiServer.trustedProxies does not name the controller that ends TLS. Log-ins then redirect to
  http://, and their cookies are not Secure. Name the addresses of its pods:  --set apiServer.trustedProxies={10.42.7.0/24}
{{- end }}
{{- end -}}

{{/* Sections of `config` that only a provider of the user's can read. Input: the root. Output: text, or nothing. */}}
{{- define "kit.notes.sections" -}}
{{- if .Values.config }}
{{- $table := include "kit.config.table" . | fromYaml }}
{{- range $section, $_ := .Values.config }}
{{- if and (not (hasKey $table.known (lower $section))) (include "kit.config.namesFit" (dict "root" $ "table" $table)) }}
Note: config.{{ $section }} is not a section of Airflow {{ $table.airflow }}. It has no effect unless a provider of yours reads it.
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What is missing where the official image runs without DAGs of the user's. Input: the root. Output: text, or nothing. */}}
{{- define "kit.notes.noDags" -}}
{{- $official := regexMatch "^(docker\\.io/|index\\.docker\\.io/)?apache/airflow$" .Values.image.repository -}}
{{- if and (eq (include "kit.dags.mode" .) "image") $official (not .Values.dags.loadExamples) }}
Note: the image {{ .Values.image.repository }} contains no DAGs. Build an image with yours and set image.repository, or read DAGs from a
  repository:  --set dags.mode=git --set dags.git.repo=URL
{{- end }}
{{- end -}}

{{/*
Claims of the chart that only the pods of one node can mount. To list nodes needs rights that many users lack, so the note does not
depend on their number. Input: the root. Output: text, or nothing.
*/}}
{{- define "kit.notes.oneNode" -}}
{{- $v := .Values -}}
{{- $mode := include "kit.dags.mode" . -}}
{{- $claims := dict -}}
{{- if $v.logs.persistence.enabled -}}{{- $_ := set $claims "logs" (dict "key" "logs.persistence" "of" $v.logs.persistence) -}}{{- end -}}
{{- if eq $mode "pvc" -}}{{- $_ := set $claims "dags" (dict "key" "dags.pvc" "of" $v.dags.pvc) -}}{{- end -}}
{{- if eq $mode "bundle" -}}
{{- with $v.dags.bundle.cache -}}{{- $_ := set $claims "bundles" (dict "key" "dags.bundle.cache" "of" .) -}}{{- end -}}
{{- end -}}
{{- range $component, $claim := $claims }}
{{- $access := $claim.of.accessMode | default "ReadWriteOnce" }}
{{- if and (not $claim.of.existingClaim) (has $access (list "ReadWriteOnce" "ReadWriteOncePod")) }}
{{- $name := include "kit.name" (dict "root" $ "component" $component) }}
{{- $where := $access | eq "ReadWriteOnce" | ternary "one node" "one node, and only one of them at a time" }}
Note: the claim {{ $name }} has the access mode {{ $access }}, so all pods that use it must run on {{ $where }}.
  On other nodes they stay in ContainerCreating. If the cluster has several nodes, set {{ $claim.key }}.accessMode to ReadWriteMany,
  with a storage class that supports it{{ if eq $component "logs" }}, or keep logs in an object store (logs.remote){{ end }}.
{{- end }}
{{- end }}
{{- end -}}
