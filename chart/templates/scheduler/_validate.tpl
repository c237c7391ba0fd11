{{/*
Rules of the scheduler. Schedulers of two releases may start worker pods in one namespace, if each sees only those of its own
release (kit.workers.scoped); without that, each would adopt and delete pods of the other. Only a cluster can tell what is there;
without one, as with `helm template`, nothing is found. Input: root, to (see kit.problem). Output: nothing.
*/}}
{{- define "kit.validate.scheduler" -}}
{{- if include "kit.hasExecutor" (dict "root" .root "executor" "KubernetesExecutor") -}}
{{- range include "kit.neighbours" (merge (dict "component" "scheduler") .) | fromJsonArray -}}
{{- $why := "" -}}
{{- if not (include "kit.workers.scoped" $.root) -}}
{{- $why = "With a client_factory of your own, the scheduler of this release would adopt and delete the pods of the other one." -}}
{{- else if ne .scope "release" -}}
{{- $why = "Its scheduler would adopt and delete the pods of this release: an older chart installed it, or it has a client_factory." -}}
{{- else if eq .release $.root.Release.Name -}}
{{- $why = "Worker pods carry the name of their release, so the schedulers could not tell them apart." -}}
{{- end -}}
{{- if $why -}}
{{- include "kit.problem" (dict "to" $.to "id" "executor-namespace-shared"
  "what" (printf "The release %s/%s already runs its worker pods in the namespace %s"
    .home .release (include "kit.executorNamespace" $.root))
  "why" (list $why "Give this release a namespace of its own for them.")
  "paste" (printf "workers:\n  namespace: %s-tasks" (include "kit.fullname" $.root))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Other releases of the kit whose component has rights in the namespace of the worker pods. Input: root, component. Output: a JSON list
of {release, home (its namespace), scope (see kit.workers.scoped)}.
*/}}
{{- define "kit.neighbours" -}}
{{- $found := list -}}
{{- range (lookup "rbac.authorization.k8s.io/v1" "RoleBinding" (include "kit.executorNamespace" .root) "").items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $release := get $labels "app.kubernetes.io/instance" | toString -}}
{{- $home := (.subjects | default list | first | default dict).namespace | toString -}}
{{- $kit := eq (get $labels "app.kubernetes.io/part-of" | toString) "airflow-kit" -}}
{{- $component := eq (get $labels "app.kubernetes.io/component" | toString) $.component -}}
{{- $own := eq (printf "%s/%s" $home $release) (printf "%s/%s" $.root.Release.Namespace $.root.Release.Name) -}}
{{- if and $kit $component (not $own) -}}
{{- $scope := get (.metadata.annotations | default dict) "airflow-kit.io/pod-scope" -}}
{{- $found = append $found (dict "release" $release "home" $home "scope" $scope) -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
