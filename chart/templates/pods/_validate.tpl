{{/* Rules of what `pods` and the sections of components say of pods. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.pods" -}}
{{- $to := .to -}}
{{- $v := .root.Values -}}
{{- include "kit.validate.resources" (dict "to" $to "node" $v "path" "") -}}
{{- $sections := dict "pods" $v.pods -}}
{{- $mains := dict "pods" list -}}
{{- range $component, $path := include "kit.pods.paths" . | fromJson -}}
{{- $_ := set $sections $path (include "kit.pods.own" (dict "root" $.root "component" $component) | fromJson) -}}
{{- $main := eq $component "worker" | ternary "base" $component -}}
{{- $_ := set $mains $path (list $main) -}}
{{- $_ := set $mains "pods" (append $mains.pods $main) -}}
{{- end -}}
{{- range $group := $v.workers.celery.groups -}}
{{- $path := printf "workers.celery.groups[%s]" (get $group "name" | toString) -}}
{{- $_ := set $mains $path (list "celery") -}}
{{- $own := omit $group "serviceAccount" -}}
{{- with $group.serviceAccount -}}
{{- $account := include "kit.merge" (dict "base" $v.workers.celery.serviceAccount "over" .) | fromJson -}}
{{- $_ := set $own "serviceAccount" $account -}}
{{- end -}}
{{- $_ := set $sections $path $own -}}
{{- end -}}
{{- range $name, $profile := $v.workers.profiles -}}
{{- include "kit.validate.volumes" (dict "to" $to "list" (printf "workers.profiles.%s.volumes" $name) "volumes" $profile.volumes) -}}
{{- end -}}
{{- $withData := list "postgres" "broker.redis" "broker.rabbitmq" -}}
{{- if or $v.postgres.enabled (include "kit.broker.component" .root) -}}{{- $withData = append $withData "pods" -}}{{- end -}}
{{- range $section, $own := $sections -}}
{{- $list := printf "%s.extraVolumes" $section -}}
{{- include "kit.validate.volumes" (dict "to" $to "list" $list "volumes" $own.extraVolumes "data" (has $section $withData)) -}}
{{- range $own.extraContainers -}}
{{- $name := get . "name" | toString -}}
{{- if has $name (get $mains $section) -}}
{{- include "kit.problem" (dict "to" $to "id" "container-name-taken"
  "what" (printf "%s.extraContainers contains a container named %s, which is the main container of these pods" $section $name)
  "why" "Two containers of a pod cannot have the same name, and yours would take the place of the chart's."
  "paste" (include "kit.validate.nested" (dict "section" $section "text" (printf "extraContainers:\n  - name: my-%s\n    ..." $name)))) -}}
{{- end -}}
{{- end -}}
{{- if and (hasKey $own "serviceAccount") $own.serviceAccount.create (eq (toString $own.serviceAccount.name) "default") -}}
{{- include "kit.problem" (dict "to" $to "id" "service-account-default"
  "what" (printf "%s.serviceAccount.name is default, and its create is true" $section)
  "why" "Every namespace has this service account already, so Helm refuses to create it."
  "paste" (include "kit.validate.nested" (dict "section" $section "text" "serviceAccount:\n  create: false\n  name: default"))) -}}
{{- end -}}
{{- if and (hasKey $own "serviceAccount") (not $own.serviceAccount.create) (not $own.serviceAccount.name) -}}
{{- include "kit.problem" (dict "to" $to "id" "service-account-unnamed"
  "what" (printf "%s.serviceAccount.create is false, and its name is empty" $section)
  "why" "The pods would use a service account that nobody creates, and would never start."
  "paste" (include "kit.validate.nested" (dict "section" $section
    "text" "serviceAccount:\n  create: false\n  name: my-account"))) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* YAML below a section that may be nested, such as keys.bootstrap. Input: section, text. Output: text. */}}
{{- define "kit.validate.nested" -}}
{{- $text := .text -}}
{{- range splitList "." .section | reverse -}}
{{- if hasSuffix "]" . -}}
{{- $parts := trimSuffix "]" . | splitList "[" -}}
{{- $text = printf "%s:\n  - name: %s\n%s" (first $parts) (last $parts) ($text | indent 4) -}}
{{- else -}}
{{- $text = printf "%s:\n%s" . ($text | indent 2) -}}
{{- end -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{/*
Volumes of the chart that a user's must not replace: they hold what the pods cannot do without. `tmp`, `logs`, `dags` and `shm`
may be replaced. Input: to (see kit.problem), list (the key), volumes; data (whether it is for pods with a claim named data, beside
which Kubernetes ignores a volume of that name). Output: nothing.
*/}}
{{- define "kit.validate.volumes" -}}
{{- $in := . -}}
{{- $files := "config|webserver-config|local-settings|objects|pod-templates|kubeconfig|airflow-kit-.*|smoke|plugins|bundles|git-.*" -}}
{{- $taken := printf "^(%s|secrets|password|references|log-claim|run%s)$" $files (ternary "|data" "" (eq (toString .data) "true")) -}}
{{- range .volumes -}}
{{- $name := toString .name -}}
{{- if regexMatch $taken $name -}}
{{- $mount := regexMatch "extraVolumes$" $in.list | ternary (printf "\nextraVolumeMounts:\n  - name: my-%s\n    ..." $name) "" -}}
{{- $section := regexReplaceAll "\\.[A-Za-z]+$" $in.list "" -}}
{{- include "kit.problem" (dict "to" $in.to "id" "volume-name-taken"
  "what" (printf "%s contains a volume named %s, which is a name of the chart" $in.list $name)
  "why" "It would replace the chart's own volume of this name, which the pods cannot do without, or be ignored beside its claim."
  "paste" (include "kit.validate.nested" (dict "section" $section
    "text" (printf "%s:\n  - name: my-%s\n    ...%s" (trimPrefix (printf "%s." $section) $in.list) $name $mount)))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
