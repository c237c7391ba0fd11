{{/* Rules of mode bundle. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.dags.bundle.validate" -}}
{{- $to := .to -}}
{{- $bundle := .root.Values.dags.bundle -}}
{{- if not $bundle.items -}}
{{- include "kit.problem" (dict "to" $to "id" "dags-bundle-invalid" "what" "dags.bundle.items is not valid"
  "why" "Mode bundle needs at least one repository, and there is no default one."
  "paste" `dags: {mode: bundle, bundle: {items: [{name: team, repo: "https://git.example.com/team/dags.git", ref: main}]}}`) -}}
{{- end -}}
{{- $names := dict -}}
{{- $ownSsh := false -}}
{{- range .root.Values.env -}}{{- if has .name (list "GIT_SSH_COMMAND" "GIT_SSH") -}}{{- $ownSsh = true -}}{{- end -}}{{- end -}}
{{- range $index, $item := $bundle.items -}}
{{- $key := printf "dags.bundle.items[%d]" $index -}}
{{- if or (not $item.name) (not $item.repo) -}}
{{- include "kit.problem" (dict "to" $to "id" "dags-bundle-invalid" "what" (printf "%s is not valid" $key)
  "why" "A bundle needs a name and a repo."
  "paste" `{name: team, repo: "https://git.example.com/team/dags.git"}`) -}}
{{- end -}}
{{- if $item.name -}}
{{- include "kit.dags.bundle.validateName" (dict "to" $to "key" $key "item" $item "names" $names) -}}
{{- end -}}
{{- include "kit.dags.validateCredentials" (dict "to" $to "id" "dags-bundle-invalid" "key" $key
  "repo" $item.repo "credentials" $item.credentials) -}}
{{- $noKey := and (not $ownSsh) (eq ((dig "credentials" "type" "none" $item) | toString) "none") -}}
{{- include "kit.dags.validateAddress" (dict "to" $to "id" "dags-bundle-invalid" "key" $key "repo" $item.repo "noKey" $noKey) -}}
{{- end -}}
{{- $namespace := include "kit.executorNamespace" .root -}}
{{- if and $bundle.cache (ne $namespace .root.Release.Namespace) -}}
{{- if not $bundle.cache.existingClaim -}}
{{- include "kit.problem" (dict "to" $to "id" "dags-bundle-invalid" "what" "dags.bundle.cache.existingClaim is not valid"
  "why" (printf "Worker pods run in namespace %s, where the kit's own claim does not exist." $namespace)
  "paste" "make a claim of one name in both namespaces, and set dags: {bundle: {cache: {existingClaim: NAME}}}") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Rules of a bundle's name. Names are compared as they stand in connection ids and folders: two that differ by a dash only
would read each other's credentials. Input: to, key (of the bundle), item, names (the names of the bundles before it, by
their connection; this one is added). Output: nothing.
*/}}
{{- define "kit.dags.bundle.validateName" -}}
{{- $name := .item.name -}}
{{- $what := printf "%s.name is not valid" .key -}}
{{- $connection := include "kit.dags.bundle.connection" .item -}}
{{- $other := get .names $connection -}}
{{- $reserved := include "kit.dags.reservedBundle" $name -}}
{{- if $reserved -}}
{{- include "kit.problem" (dict "to" .to "id" "dags-bundle-invalid" "what" $what "why" $reserved
  "paste" (printf "{name: team, repo: %s}" (.item.repo | default "URL"))) -}}
{{- else if eq $name $other -}}
{{- include "kit.problem" (dict "to" .to "id" "dags-bundle-invalid" "what" $what
  "why" (printf "Two bundles are named %s, and Airflow identifies a bundle by its name." $name)
  "paste" "Give each bundle a name of its own") -}}
{{- else if $other -}}
{{- include "kit.problem" (dict "to" .to "id" "dags-bundle-invalid" "what" $what
  "why" (list (printf "%s and %s would share the connection %s and the folder of their credentials;" $name $other $connection)
    "names must differ in more than case and punctuation.")
  "paste" (printf "{name: %s-2, repo: %s}" $name (.item.repo | default "URL"))) -}}
{{- end -}}
{{- $_ := set .names $connection $name -}}
{{- end -}}

{{/* Why a bundle must not have a name. Input: the name. Output: a sentence, or nothing. */}}
{{- define "kit.dags.reservedBundle" -}}
{{- if eq . "example_dags" -}}
Airflow keeps the name example_dags for its own examples, and does not start with a bundle of that name.
{{- else if eq . "kit-smoke" -}}
The kit's own smoke DAG is in a bundle named kit-smoke, and Airflow does not start with two bundles of one name.
{{- else if regexMatch "^apache-airflow-providers-.+-example-dags$" . -}}
Airflow gives this name to the examples of a provider, which would replace the bundle if dags.loadExamples is true.
{{- end -}}
{{- end -}}
