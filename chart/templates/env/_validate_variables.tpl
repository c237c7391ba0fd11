{{/*
Refuses variables that set what more than Airflow follows: what is deployed, the containers that wait, the probes, the rights and the
network policies go by the values alone, so Airflow would look for something that is not there. All other variables of the user's
replace the chart's. What is in the Secrets and ConfigMaps of envFrom, only kitctl can see (kitctl/release/preflight/variables.py).
Input: root, to (see kit.problem). Output: nothing.
*/}}
{{- define "kit.validate.variables" -}}
{{- $lists := dict "env" .root.Values.env "pods.env" .root.Values.pods.env -}}
{{- range $component, $path := include "kit.pods.paths" . | fromJson -}}
{{- $own := include "kit.pods.own" (dict "root" $.root "component" $component) | fromJson -}}
{{- $_ := set $lists (printf "%s.env" $path) $own.env -}}
{{- end -}}
{{- range .root.Values.workers.celery.groups -}}
{{- $_ := set $lists (printf "workers.celery.groups[%s].env" (get . "name" | toString)) .env -}}
{{- end -}}
{{- range $name, $profile := .root.Values.workers.profiles -}}
{{- range $place, $container := ($profile | default dict).containers -}}
{{- $_ := set $lists (printf "workers.profiles.%s.containers[%d].env" $name $place) $container.env -}}
{{- end -}}
{{- end -}}
{{- $places := dict "AIRFLOW_HOME" "/opt/airflow" "AIRFLOW_CONFIG" "/opt/airflow/airflow.cfg" -}}
{{- range $list, $entries := $lists -}}
{{- range $entries -}}
{{- $name := get . "name" | toString -}}
{{- if hasPrefix "AIRFLOW__" $name -}}
{{- include "kit.validate.variable" (dict "root" $.root "to" $.to "list" $list "entry" .) -}}
{{- else if and (hasKey $places $name) (ne (toString .value) (get $places $name)) -}}
{{- include "kit.problem" (dict "to" $.to "id" "env-owned-by-chart" "what" (printf "%s contains %s" $list $name)
  "why" "airflow.cfg, the DAGs and the logs are mounted below /opt/airflow; Airflow would find none of them."
  "paste" (printf "(remove %s)" $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Judges one variable of Airflow's. Input: root, to, list (the key that contains it), entry. Output: nothing. */}}
{{- define "kit.validate.variable" -}}
{{- $option := trimPrefix "AIRFLOW__" .entry.name | lower | replace "__" "." -}}
{{- $base := regexReplaceAll "_(cmd|secret)$" $option "" -}}
{{- if has $base (.root.Files.Get "files/owned_variables.yaml" | fromYamlArray) -}}
{{- $id := eq $base "core.auth_manager" | ternary "auth-manager-twice" "env-owned-by-chart" -}}
{{- $said := get (include "kit.ownedOptions" .root | fromYaml) $base -}}
{{- $why := printf "Because %s." (first $said) -}}
{{- $paste := last $said -}}
{{- $value := .entry.value | default "" | toString -}}
{{- $secret := get (.entry.valueFrom | default dict) "secretKeyRef" | default dict -}}
{{- $ref := dict "name" (get $secret "name" | default "my-airflow-urls") "key" (get $secret "key" | default "url") -}}
{{- if hasPrefix "database.sql_alchemy_conn" $base -}}
{{- $why = "The containers that wait for the database, and PgBouncer, go by `database`: they would look at another server than Airflow." -}}
{{- $paste = dict "postgres" (dict "enabled" false) "database" (dict "urlSecret" $ref) | toYaml -}}
{{- else if eq $base "celery.broker_url" -}}
{{- $why = "The containers that wait for the broker, and the network policies, go by `broker`: Airflow would use another one." -}}
{{- $paste = dict "broker" (dict "kind" "external" "external" (dict "urlSecret" $ref)) | toYaml -}}
{{- else if and $value (eq $base "core.executor") -}}
{{- $paste = dict "executors" (splitList "," (nospace $value)) | toYaml -}}
{{- else if and $value (eq $base "api.base_url") -}}
{{- $paste = printf "apiServer:\n  baseUrl: %s" $value -}}
{{- else if and $value (eq $base "core.auth_manager") -}}
{{- $paste = printf "auth:\n  manager: %s" $value -}}
{{- else if and $value (eq $base "kubernetes_executor.namespace") -}}
{{- $paste = printf "workers:\n  namespace: %s" $value -}}
{{- end -}}
{{- include "kit.problem" (dict "to" .to "id" $id "what" (printf "%s contains %s" .list .entry.name) "why" $why "paste" $paste) -}}
{{- end -}}
{{- end -}}
