{{/*
Every rule between keys. Input: the root. Fails with all problems at once, each with a stable id in brackets, the key, the
reason and something to paste; kitctl reads them from `helm template` before it touches a cluster. A rule
stands in a define of this file or of its two neighbours or, for a DAG mode, in its `validate` slot.
*/}}
{{- define "kit.validate" -}}
{{- $problems := dict -}}
{{- range list "names" "image" "executors" "config" "database" "keys" "apiServer" "workers" "accounts" "dags" "cluster" -}}
{{- $_ := include (printf "kit.validate.%s" .) (dict "root" $ "to" $problems) -}}
{{- end -}}
{{- with $problems.found -}}
{{- fail (printf "\n\n%s\n" (join "\n\n" .)) -}}
{{- end -}}
{{- end -}}

{{- define "kit.validate.names" -}}
{{- $name := include "kit.fullname" .root -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- include "kit.problem" (dict "to" .to "id" "name-unfit" "what" (printf "%s cannot begin the names of the release" $name)
  "why" "Names of Services start with a letter and hold small letters, digits and dashes; names of releases may be freer."
  "paste" "fullnameOverride: airflow") -}}
{{- end -}}
{{- end -}}

{{- define "kit.validate.image" -}}
{{- $v := .root.Values -}}
{{- if not $v.image.repository -}}
{{- include "kit.problem" (dict "to" .to "id" "image-repository-empty" "what" "image.repository is empty"
  "why" "Every component and every worker pod runs this image."
  "paste" "image:\n  repository: docker.io/apache/airflow") -}}
{{- end -}}
{{- /* A suffix such as -python3.12 would make it a prerelease, which is below every version. */ -}}
{{- $version := regexFind "^[0-9]+\\.[0-9]+\\.[0-9]+" $v.airflowVersion -}}
{{- if not $version -}}
{{- include "kit.problem" (dict "to" .to "id" "airflow-version-unreadable" "what" (printf "airflowVersion is %q" $v.airflowVersion)
  "why" "It must be the version of Airflow in the image, as three numbers."
  "paste" (printf "airflowVersion: %s" .root.Chart.AppVersion)) -}}
{{- else if semverCompare (printf "<%s" (include "kit.minimumAirflow" .root)) $version -}}
{{- include "kit.problem" (dict "to" .to "id" "airflow-version-too-old" "what" (printf "airflowVersion is %s, the oldest that works is %s" $version (include "kit.minimumAirflow" .root))
  "why" "Before it a task can read the tokens of other tasks."
  "paste" (printf "airflowVersion: %s" .root.Chart.AppVersion)) -}}
{{- end -}}
{{- end -}}

{{/* Oldest version of Airflow that the chart deploys; versions.toml holds the same. */}}
{{- define "kit.minimumAirflow" -}}3.2.2{{- end -}}

{{/* Executors that the chart deploys, as a JSON list; the enum Executor of the values model holds the same. */}}
{{- define "kit.executors" -}}["KubernetesExecutor", "LocalExecutor"]{{- end -}}

{{- define "kit.validate.executors" -}}
{{- $to := .to -}}
{{- $executors := .root.Values.executors -}}
{{- $renamed := dict
  "CeleryKubernetesExecutor" "executors: [KubernetesExecutor]  # Airflow 3 writes the hybrid as [CeleryExecutor, KubernetesExecutor]; this chart has no Celery workers"
  "LocalKubernetesExecutor" "executors: [LocalExecutor, KubernetesExecutor]"
  "SequentialExecutor" "executors: [LocalExecutor]"
  "DebugExecutor" "executors: [LocalExecutor]" -}}
{{- if not $executors -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-empty" "what" "executors is empty"
  "why" "Without an executor no task ever runs." "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- range $executors -}}
{{- if hasKey $renamed . -}}
{{- include "kit.problem" (dict "to" $to "id" "executor-of-airflow-2" "what" (printf "executors names %s, which Airflow 3 has no more" .)
  "why" "Airflow 3 takes a list of executors; a task picks one by `executor=`." "paste" (get $renamed .)) -}}
{{- else if not (has . (include "kit.executors" $to | fromJsonArray)) -}}
{{- include "kit.problem" (dict "to" $to "id" "executor-unknown" "what" (printf "executors names %s, which this chart does not deploy" .)
  "why" (printf "It deploys %s." (include "kit.executors" $to | fromJsonArray | join ", ")) "paste" "executors: [KubernetesExecutor]") -}}
{{- end -}}
{{- end -}}
{{- if ne (len $executors) (len (uniq $executors)) -}}
{{- include "kit.problem" (dict "to" $to "id" "executors-twice" "what" "executors names one twice"
  "why" "Airflow knows an executor by its name." "paste" (printf "executors: [%s]" (uniq $executors | join ", "))) -}}
{{- end -}}
{{- end -}}

{{/*
What only a cluster can tell (nothing is found without one, as with `helm template`): another release whose scheduler
uses the same executor namespace. Each scheduler takes finished pods by a small number of its own database, so two would
take each other's.
*/}}
{{- define "kit.validate.cluster" -}}
{{- $to := .to -}}
{{- $root := .root -}}
{{- $namespace := include "kit.executorNamespace" .root -}}
{{- if include "kit.hasExecutor" (dict "root" .root "executor" "KubernetesExecutor") -}}
{{- range (lookup "rbac.authorization.k8s.io/v1" "RoleBinding" $namespace "").items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $ours := and (eq (get $labels "app.kubernetes.io/part-of" | toString) "airflow-kit") (eq (get $labels "app.kubernetes.io/component" | toString) "scheduler") -}}
{{- $home := (.subjects | default list | first | default dict).namespace -}}
{{- $other := printf "%s/%s" $home (get $labels "app.kubernetes.io/instance") -}}
{{- if and $ours (ne $other (printf "%s/%s" $root.Release.Namespace $root.Release.Name)) -}}
{{- include "kit.problem" (dict "to" $to "id" "executor-namespace-shared" "what" (printf "the release %s runs its worker pods in %s too" $other $namespace)
  "why" "Two schedulers in one namespace adopt and delete each other's pods. Give this release one of its own."
  "paste" (printf "workers:\n  namespace: %s-tasks" (include "kit.fullname" $root))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
