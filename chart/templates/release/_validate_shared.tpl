{{/*
Servers outside of the release that no other release may use, too: each one's workers would take tasks of the other, or each one's
scheduler would run DAGs of the other. The annotations of the scheduler tell other releases; kitctl compares them in the whole
cluster (kitctl/release/preflight/shared.py), the rule below in the namespace. And the place of logs that the release does not own.
Input: the root. Output: a JSON map of annotations.
*/}}
{{- define "kit.shared" -}}
{{- $found := dict -}}
{{- $db := .Values.database -}}
{{- if not .Values.postgres.enabled -}}
{{- $at := dict "root" . "host" $db.host "port" $db.port "name" $db.name "secret" $db.urlSecret -}}
{{- with include "kit.shared.address" $at -}}{{- $_ := set $found "airflow-kit.io/database" . -}}{{- end -}}
{{- end -}}
{{- if and (include "kit.broker.needed" .) (eq .Values.broker.kind "external") -}}
{{- $broker := .Values.broker.external -}}
{{- $at := dict "root" . "host" $broker.host "port" $broker.port "name" (int $broker.database) "secret" $broker.urlSecret -}}
{{- with include "kit.shared.address" $at -}}{{- $_ := set $found "airflow-kit.io/broker" . -}}{{- end -}}
{{- end -}}
{{- $logs := .Values.logs -}}
{{- if and $logs.remote.enabled $logs.remote.folder -}}
{{- $_ := set $found "airflow-kit.io/logs" (trimSuffix "/" $logs.remote.folder) -}}
{{- else if and $logs.persistence.enabled $logs.persistence.existingClaim -}}
{{- $folder := trimAll "/" $logs.persistence.subPath -}}
{{- $place := printf "claim %s/%s, folder /%s" .Release.Namespace $logs.persistence.existingClaim $folder -}}
{{- $_ := set $found "airflow-kit.io/logs" $place -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/*
Where a server is. The short names of a Service depend on the namespace. A host of the pod itself is a proxy, which may lead anywhere,
and a URL in a Secret is not known, but the Secret is. Input: root, host, port, name, secret (name and key). Output: text, or nothing.
*/}}
{{- define "kit.shared.address" -}}
{{- if .secret.name -}}
{{- printf "Secret %s/%s, key %s" .root.Release.Namespace .secret.name .secret.key -}}
{{- else if and .host (not (regexMatch "^(localhost|127\\..*|::1)$" (lower .host))) -}}
{{- $host := regexReplaceAll "\\.svc(\\..*)?$" (lower .host) "" -}}
{{- if not (regexMatch "[.:]" $host) -}}{{- $host = printf "%s.%s" $host .root.Release.Namespace -}}{{- end -}}
{{- printf "%s:%d/%v" $host (int .port) .name -}}
{{- end -}}
{{- end -}}

{{/*
What other releases of the namespace have, too. Input: root, servers (the names of annotations without their prefix). Output: a JSON
list of {release, server, address}.
*/}}
{{- define "kit.shared.found" -}}
{{- $own := dict -}}
{{- range $key, $address := include "kit.shared" .root | fromJson -}}
{{- if has (trimPrefix "airflow-kit.io/" $key) $.servers -}}{{- $_ := set $own $key $address -}}{{- end -}}
{{- end -}}
{{- $found := list -}}
{{- if $own -}}
{{- range (lookup "apps/v1" "Deployment" .root.Release.Namespace "").items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $other := get $labels "app.kubernetes.io/instance" | toString -}}
{{- $theirs := .metadata.annotations | default dict -}}
{{- $kit := eq (get $labels "app.kubernetes.io/part-of" | toString) "airflow-kit" -}}
{{- range $key, $address := $own -}}
{{- if and $kit (ne $other $.root.Release.Name) (eq (get $theirs $key | toString) $address) -}}
{{- $found = append $found (dict "release" $other "server" (trimPrefix "airflow-kit.io/" $key) "address" $address) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/* Refuses a server that another release of the namespace uses. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.shared" -}}
{{- range include "kit.shared.found" (dict "root" .root "servers" (list "broker" "database")) | fromJsonArray -}}
{{- $what := printf "The release %s of this namespace uses the %s of this release: %s" .release .server .address -}}
{{- if eq .server "broker" -}}
{{- include "kit.problem" (dict "to" $.to "id" "broker-shared" "what" $what
  "why" "Celery workers of each release would take tasks of the other, and fail them."
  "paste" "broker:\n  external:\n    database: 1  # or another URL, with a virtual host of its own") -}}
{{- else -}}
{{- include "kit.problem" (dict "to" $.to "id" "database-shared" "what" $what
  "why" "Each scheduler would run the DAGs of the other release, whose connections its keys do not open."
  "paste" (printf "database:\n  name: %s" (include "kit.fullname" $.root | replace "-" "_"))) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Logs of two releases in one folder: a warning, since it does no harm as long as their DAGs differ. Input: the root. Output: text. */}}
{{- define "kit.notes.shared" -}}
{{- range include "kit.shared.found" (dict "root" . "servers" (list "logs")) | fromJsonArray }}
WARNING: the release {{ .release }} keeps its task logs in the same place, {{ .address }}. If both have a DAG of the same id, logs of
  equal runs are mixed. Give this release a folder of its own (logs.persistence.subPath or logs.remote.folder).
{{- end }}
{{- end -}}
