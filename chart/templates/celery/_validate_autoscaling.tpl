{{/* Rules of the autoscalers of Celery workers. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.celeryAutoscaling" -}}
{{- $common := .root.Values.workers.celery.autoscaling | default dict -}}
{{- include "kit.validate.autoscaler" (dict "to" .to "key" "workers.celery.autoscaling" "scaling" $common "changed" (include
  "kit.validate.changedScaling" (dict "scaling" $common))) -}}
{{- range $number, $group := .root.Values.workers.celery.groups -}}
{{- with $group.autoscaling -}}
{{- $merged := include "kit.celery.mergedScaling" (dict "common" $common "own" .) | fromJson -}}
{{- include "kit.validate.autoscaler" (dict "to" $.to "key" (printf "workers.celery.groups[%d].autoscaling" $number)
  "scaling" $merged "changed" "true") -}}
{{- end -}}
{{- end -}}
{{- if include "kit.celery.hasKeda" .root -}}{{- include "kit.validate.keda" . -}}{{- end -}}
{{- end -}}

{{/* Whether numbers of an autoscaler differ from the chart's. Input: scaling. Output: "true" or nothing. */}}
{{- define "kit.validate.changedScaling" -}}
{{- $hpa := .scaling.hpa | default dict -}}
{{- $keda := .scaling.keda | default dict -}}
{{- $secret := ($keda.connectionSecret | default dict).name -}}
{{- if or (ne (int ($hpa.minReplicas | default 1)) 1) (ne (int $keda.minReplicas) 0) $keda.query $secret -}}
true
{{- end -}}
{{- end -}}

{{/*
Rules of one autoscaler. Input: to, key (where it stands), scaling (its section), changed (whether somebody has set a part of it).
Output: nothing.
*/}}
{{- define "kit.validate.autoscaler" -}}
{{- $to := .to -}}
{{- $key := .key -}}
{{- $hpa := .scaling.hpa | default dict -}}
{{- $keda := .scaling.keda | default dict -}}
{{- $paste := "workers:\n  celery:\n    autoscaling:\n      keda:\n        minReplicas: 0\n        maxReplicas: 8" -}}
{{- if and $hpa.maxReplicas $keda.maxReplicas -}}
{{- include "kit.problem" (dict "to" $to "id" "autoscaling-twice"
  "what" (printf "%s.hpa.maxReplicas and %s.keda.maxReplicas are both set" $key $key)
  "why" "Each would change the number that the other has set. KEDA creates a HorizontalPodAutoscaler itself." "paste" $paste) -}}
{{- else if and .changed (not $hpa.maxReplicas) (not $keda.maxReplicas) -}}
{{- include "kit.problem" (dict "to" $to "id" "autoscaling-without-max" "what" (printf "%s has no maxReplicas" $key)
  "why" "The highest number of pods switches an autoscaler on; without it, the other keys have no effect." "paste" $paste) -}}
{{- end -}}
{{- range $kind, $section := dict "hpa" $hpa "keda" $keda -}}
{{- if and $section.maxReplicas (gt (int $section.minReplicas) (int $section.maxReplicas)) -}}
{{- include "kit.problem" (dict "to" $to "id" "autoscaling-min-above-max"
  "what" (printf "%s.%s.minReplicas is %d, and maxReplicas is %d" $key $kind (int $section.minReplicas) (int $section.maxReplicas))
  "why" "The lowest number of pods cannot be above the highest." "paste" $paste) -}}
{{- end -}}
{{- end -}}
{{- if and $hpa.maxReplicas (not $hpa.targetCpu) (not $hpa.targetMemory) (not $hpa.metrics) -}}
{{- include "kit.problem" (dict "to" $to "id" "autoscaling-without-metric" "what" (printf "%s.hpa has no metric" $key)
  "why" "A HorizontalPodAutoscaler computes the number of pods from at least one."
  "paste" "workers:\n  celery:\n    autoscaling:\n      hpa:\n        maxReplicas: 8\n        targetCpu: 80") -}}
{{- end -}}
{{- end -}}

{{/*
Rules of KEDA. Helm lists kinds, such as v1/Pod, only when it has asked a cluster; a render without one cannot tell what there is.
Input: root, to. Output: nothing.
*/}}
{{- define "kit.validate.keda" -}}
{{- $root := .root -}}
{{- $apis := .root.Capabilities.APIVersions -}}
{{- if and ($apis.Has "v1/Pod") (not ($apis.Has "keda.sh/v1alpha1")) -}}
{{- include "kit.problem" (dict "to" .to "id" "keda-missing" "what" "KEDA scales Celery workers, but the cluster does not have KEDA"
  "why" "The kind ScaledObject of keda.sh/v1alpha1 is not there. Install KEDA, or use a HorizontalPodAutoscaler:"
  "paste" (print "helm repo add kedacore https://kedacore.github.io/charts\n"
    "helm install keda kedacore/keda -n keda --create-namespace\n"
    "# or in the values:\nworkers:\n  celery:\n    autoscaling:\n      keda: {maxReplicas: null}\n      hpa: {maxReplicas: 8}")) -}}
{{- end -}}
{{- $db := .root.Values.database -}}
{{- $local := has $db.host (list "localhost" "127.0.0.1" "::1") -}}
{{- $why := "" -}}
{{- if $local -}}{{- $why = "database.host is a proxy in the pods of the release, which KEDA cannot reach." -}}
{{- else if $db.urlSecret.name -}}{{- $why = "The address is in the Secret of database.urlSecret, which may be its connection, too." -}}
{{- else if $db.clientCertificate.secret -}}{{- $why = "KEDA cannot use database.clientCertificate." -}}
{{- else if or $db.ca.configMap $db.ca.secret -}}{{- $why = "KEDA cannot read database.ca." -}}
{{- else if not $db.password -}}{{- $why = "database.password is false, so there is no password for KEDA." -}}
{{- end -}}
{{- $without := list -}}
{{- range $group, $section := include "kit.celery.groups" .root | fromJson -}}
{{- if and (eq (include "kit.celery.scaler" (dict "section" $section)) "keda") (not $section.autoscaling.keda.connectionSecret.name) -}}
{{- $without = append $without ($group | default "default") -}}
{{- end -}}
{{- end -}}
{{- if and $why $without (not .root.Values.postgres.enabled) -}}
{{- include "kit.problem" (dict "to" .to "id" "keda-database"
  "what" (printf "KEDA cannot connect to the database as the release does (workers: %s)" (join ", " $without))
  "why" (list $why "Give it a connection of its own, for example as a user that may only read task_instance:")
  "paste" (print "# kubectl create secret generic keda-database --from-literal=connection='postgresql://…'\n"
    "workers:\n  celery:\n    autoscaling:\n      keda:\n        connectionSecret:\n          name: keda-database")) -}}
{{- end -}}
{{- end -}}
