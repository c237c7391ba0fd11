{{/* Rules of the worker pods. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.workers" -}}
{{- $v := .root.Values -}}
{{- $other := ne (include "kit.executorNamespace" .root) .root.Release.Namespace -}}
{{- if and $other $v.logs.persistence.enabled (not $v.logs.persistence.existingClaim) -}}
{{- include "kit.problem" (dict "to" .to "id" "logs-across-namespaces"
  "what" "workers.namespace is another namespace, and logs.persistence.enabled is true"
  "why" (list "A claim belongs to one namespace, so worker pods in another one cannot write to the claim of the logs."
    "Use an object store, or a claim of one name in both namespaces on the same storage (logs.persistence.existingClaim).")
  "paste" (list "logs:" "  persistence:" "    enabled: false"
    "  remote:" "    enabled: true" "    folder: s3://my-bucket/logs" "    connection: aws_default")) -}}
{{- end -}}
{{- include "kit.validate.workerTemplates" . -}}
{{- include "kit.validate.workerLabels" . -}}
{{- if and $v.workers.allowExec (not $v.workers.podOperatorRights) -}}
{{- include "kit.problem" (dict "to" .to "id" "exec-without-rights"
  "what" "workers.allowExec is true, but workers.podOperatorRights is false"
  "why" "allowExec adds pods/exec to those rights; on its own it has no effect."
  "paste" "workers:\n  podOperatorRights: true\n  allowExec: true") -}}
{{- end -}}
{{- if $v.workers.podOperatorRights -}}{{- include "kit.validate.operatorPods" . -}}{{- end -}}
{{- end -}}

{{/*
Refuses that tasks of two releases create pods in one namespace: KubernetesPodOperator looks for the pod of an earlier try by the ids
of DAG, task and run, which both releases can have. Input: root, to (see kit.problem). Output: nothing.
*/}}
{{- define "kit.validate.operatorPods" -}}
{{- range include "kit.neighbours" (merge (dict "component" "worker") .) | fromJsonArray -}}
{{- include "kit.problem" (dict "to" $.to "id" "operator-namespace-shared"
  "what" (printf "Tasks of the release %s/%s already create pods in the namespace %s"
    .home .release (include "kit.executorNamespace" $.root))
  "why" (list "KubernetesPodOperator finds the pod of an earlier try by the ids of DAG, task and run. If they are equal in both releases,"
    "a task takes the pod of the other release for its own. Give this release a namespace of its own, or no such rights.")
  "paste" (printf "workers:\n  namespace: %s-tasks" (include "kit.fullname" $.root))) -}}
{{- end -}}
{{- end -}}

{{/*
Labels that the KubernetesExecutor writes on each worker pod (build_labels_for_k8s_executor_pod of its provider, and what it adds
when a pod starts and ends). Input: none. Output: a regular expression.
*/}}
{{- define "kit.workers.executorLabels" -}}
^((dag|task|run|ti)_id|try_number|map_index|(logical|execution)_date|kubernetes_executor|airflow_(version|executor_done)|airflow-worker)$
{{- end -}}

{{/* Rules of the labels of worker pods. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.workerLabels" -}}
{{- $to := .to -}}
{{- $reserved := include "kit.workers.executorLabels" . -}}
{{- range $section := list "pods" "workers" -}}
{{- range $name, $value := (get $.root.Values $section).podLabels -}}
{{- if regexMatch $reserved $name -}}
{{- include "kit.problem" (dict "to" $to "id" "worker-label-reserved"
  "what" (printf "%s.podLabels contains %s, which the KubernetesExecutor sets on worker pods" $section $name)
  "why" "The scheduler finds its worker pods by these labels; yours would be replaced, or hide a task's pod from it."
  "paste" (printf "%s:\n  podLabels:\n    example.com/%s: %s" $section $name ($value | toString | quote))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Rules of profiles and whole templates of the worker pod. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.workerTemplates" -}}
{{- $to := .to -}}
{{- $workers := .root.Values.workers -}}
{{- if or (hasKey $workers.profiles "default") (hasKey $workers.templates "default") -}}
{{- include "kit.problem" (dict "to" .to "id" "worker-profile-default"
  "what" (hasKey $workers.profiles "default"
    | ternary "workers.profiles contains a profile named default" "workers.templates contains a template named default")
  "why" (list "default.yaml is the pod of every task that picks no profile;"
    "the chart writes it from `workers`, and a second one would silently replace it.")
  "paste" (list "workers:  # for every task" "  nodeSelector: {disk: ssd}"
    "  profiles:" "    gpu: {}  # for those that pick it: any other name")) -}}
{{- end -}}
{{- range $name, $profile := $workers.profiles -}}
{{- $first := get (($profile.containers | default (list dict)) | first) "name" -}}
{{- if not (has $first (list "" "base")) -}}
{{- include "kit.problem" (dict "to" $to "id" "worker-profile-first"
  "what" (printf "The first container of workers.profiles.%s is named %s, not base" $name $first)
  "why" "It is merged over the task's container, `base`, which would get the image and command of another program."
  "paste" (list "workers:" "  profiles:" (printf "    %s:" $name) "      containers:" "        - name: base"
    (printf "        - name: %s  # a sidecar that ends with the task: initContainers, with restartPolicy: Always" $first))) -}}
{{- end -}}
{{- end -}}
{{- range keys $workers.profiles | sortAlpha -}}
{{- if hasKey $workers.templates . -}}
{{- include "kit.problem" (dict "to" $to "id" "worker-profile-twice"
  "what" (printf "workers.profiles and workers.templates both contain %s" .)
  "why" "Both would write the same file in /opt/airflow/pod_templates, and one would be lost."
  "paste" (printf "workers:\n  templates:\n    %s-whole: ...  # a name of its own" .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Rules of the text of a worker pod: what would end the scheduler, or be ignored by it without a word. They end the render at
once, since the text is known only when it is used. Input: text; where, the key that holds it. Output: nothing.
*/}}
{{- define "kit.validate.workerPod" -}}
{{- $where := .where -}}
{{- if regexMatch "(?m)^---\\s*$" (regexReplaceAll "\\A(\\s*(#[^\\n]*)?\\n)*---\\s*\\n" .text "") -}}
{{- include "kit.validate.refusePod" (dict "where" $where
  "reason" "holds more than one YAML document, and the executor reads one pod"
  "fix" "Keep one pod; put other objects into extraObjects") -}}
{{- end -}}
{{- $pod := fromYaml .text -}}
{{- if hasKey $pod "Error" -}}
{{- include "kit.validate.refusePod" (dict "where" $where "reason" (printf "is not YAML: %s" $pod.Error)
  "fix" "Run `kitctl render pod --check FILE` to see the line") -}}
{{- end -}}
{{- if ne (get $pod "kind" | default "" | toString) "Pod" -}}
{{- include "kit.validate.refusePod" (dict "where" $where "reason" "is not of kind Pod"
  "fix" "Begin it with `apiVersion: v1` and `kind: Pod`") -}}
{{- end -}}
{{- $spec := get $pod "spec" | default dict -}}
{{- $first := dict -}}
{{- if kindIs "map" $spec -}}{{- $first = get $spec "containers" | default list | first | default dict -}}{{- end -}}
{{- if or (ne (get $first "name" | default "" | toString) "base") (not (get $first "image")) -}}
{{- include "kit.validate.refusePod" (dict "where" $where
  "reason" (print "must have a container `base` with an image as its first one: "
    "the executor puts its command into containers[0]")
  "fix" "containers: [{name: base, image: …}]") -}}
{{- end -}}
{{- include "kit.validate.workerPodLabels" (dict "where" $where "metadata" (get $pod "metadata")) -}}
{{- include "kit.validate.workerPodFields" (dict "where" $where "spec" $spec) -}}
{{- end -}}

{{/*
The same for labels of a pod's text. Those of templates.podTemplate come from podLabels, too, and kit.validate.workerLabels names
that key. Input: where, metadata. Output: nothing.
*/}}
{{- define "kit.validate.workerPodLabels" -}}
{{- if and (hasPrefix "workers.templates." .where) (kindIs "map" .metadata) -}}
{{- $labels := get .metadata "labels" -}}
{{- range $name := kindIs "map" $labels | ternary $labels dict | keys | sortAlpha -}}
{{- if regexMatch (include "kit.workers.executorLabels" $) $name -}}
{{- fail (printf "\n[worker-label-reserved] %s has the label %s, which the KubernetesExecutor sets.\n  Fix: %s\n" $.where $name
  "Remove it from metadata.labels, or choose a name of your own") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Ends the render. Input: where, reason, fix. Output: nothing. */}}
{{- define "kit.validate.refusePod" -}}
{{- fail (printf "\n[pod-template-invalid] %s %s.\n  Fix: %s\n" .where .reason .fix) -}}
{{- end -}}
