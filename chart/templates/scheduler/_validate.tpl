{{/*
Rules of the scheduler. Only a cluster can tell whether the scheduler of another release uses the same executor namespace;
without one, as with `helm template`, nothing is found. Each scheduler takes finished pods by a small number of its own
database, so two would take each other's. Input: root, to (see kit.problem). Output: nothing.
*/}}
{{- define "kit.validate.scheduler" -}}
{{- $to := .to -}}
{{- $root := .root -}}
{{- $namespace := include "kit.executorNamespace" .root -}}
{{- if include "kit.hasExecutor" (dict "root" .root "executor" "KubernetesExecutor") -}}
{{- range (lookup "rbac.authorization.k8s.io/v1" "RoleBinding" $namespace "").items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $kit := eq (get $labels "app.kubernetes.io/part-of" | toString) "airflow-kit" -}}
{{- $scheduler := eq (get $labels "app.kubernetes.io/component" | toString) "scheduler" -}}
{{- $home := (.subjects | default list | first | default dict).namespace -}}
{{- $other := printf "%s/%s" $home (get $labels "app.kubernetes.io/instance") -}}
{{- if and $kit $scheduler (ne $other (printf "%s/%s" $root.Release.Namespace $root.Release.Name)) -}}
{{- include "kit.problem" (dict "to" $to "id" "executor-namespace-shared"
  "what" (printf "The release %s already runs its worker pods in the namespace %s" $other $namespace)
  "why" "Two schedulers in one namespace adopt and delete each other's pods. Give this release its own."
  "paste" (printf "workers:\n  namespace: %s-tasks" (include "kit.fullname" $root))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
