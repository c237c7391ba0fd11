{{/* Rules of the chosen DAG mode. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.dags" -}}
{{- $_ := include (printf "kit.dags.%s.validate" (include "kit.dags.mode" .root)) . -}}
{{- include "kit.dags.validatePlugins" . -}}
{{- end -}}

{{/* Rules of plugins in the DAG source. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.dags.validatePlugins" -}}
{{- $plugins := .root.Values.dags.plugins -}}
{{- $folder := dig "core" "plugins_folder" "" .root.Values.config | toString -}}
{{- $image := "COPY plugins /opt/airflow/plugins    # in the Dockerfile of your image" -}}
{{- if and (eq (include "kit.dags.mode" .root) "bundle") (or $plugins (hasPrefix "/opt/airflow/bundles" $folder)) -}}
{{- include "kit.problem" (dict "to" .to "id" "dags-plugins-invalid"
  "what" (printf "%s is not valid" ($plugins | empty | ternary "config.core.plugins_folder" "dags.plugins"))
  "why" (list "In mode bundle each commit has a folder of its own, and Airflow loads plugins before it fetches any."
    "Use mode git, or put plugins into the image.")
  "paste" (list "dags: {mode: git, plugins: plugins}    # or:" $image)) -}}
{{- else if and $plugins $folder -}}
{{- include "kit.problem" (dict "to" .to "id" "dags-plugins-invalid" "what" "config.core.plugins_folder is not valid"
  "why" "dags.plugins sets the same option." "paste" "(remove one of the two)") -}}
{{- end -}}
{{- end -}}

{{/*
Rules of a repository and its credentials. Input: to, id (of the mode's errors), key (where both stand in the values), repo,
credentials. Output: nothing.
*/}}
{{- define "kit.dags.validateCredentials" -}}
{{- $c := .credentials | default dict -}}
{{- $type := $c.type | default "none" -}}
{{- $repo := .repo | default "" -}}
{{- $type_ := printf "%s.credentials.type is not valid" .key -}}
{{- if and (ne $type "none") (not $c.secret) -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" (printf "%s.credentials.secret is not valid" .key)
  "why" (printf "Type %s needs the name of a Secret." $type)
  "paste" (printf "%s; %s: {credentials: {type: %s, secret: git-credentials}}"
    "kubectl create secret generic git-credentials --from-literal=username=NAME --from-literal=password=TOKEN" .key $type)) -}}
{{- end -}}
{{- if and $c.secret (eq $type "none") -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" $type_
  "why" (printf "The Secret %s is set, but the type does not say what it holds." $c.secret)
  "paste" "one of https, ssh, github-app") -}}
{{- end -}}
{{- if and (eq $type "ssh") (regexMatch "^https?://" $repo) -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" $type_
  "why" (printf "SSH credentials cannot open %s." $repo)
  "paste" "repo: git@HOST:TEAM/REPO.git, or type: https") -}}
{{- end -}}
{{- if and (has $type (list "https" "github-app")) (not (regexMatch "^https?://" $repo)) -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" $type_
  "why" (printf "%s credentials need a repository that begins with https://." $type)
  "paste" "repo: https://HOST/TEAM/REPO.git") -}}
{{- end -}}
{{- if and (eq $type "github-app") (or (not $c.githubAppId) (not $c.githubInstallationId)) -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" (printf "%s.credentials is not valid" .key)
  "why" "A GitHub App needs githubAppId and githubInstallationId."
  "paste" `credentials: {type: github-app, githubAppId: "12345", githubInstallationId: "67890", secret: git-credentials}`) -}}
{{- end -}}
{{- end -}}
