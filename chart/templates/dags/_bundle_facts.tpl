{{/* Airflow's list of bundles. Input: the root. Output: a JSON list. */}}
{{- define "kit.dags.bundle.list" -}}
{{- $list := list -}}
{{- range .Values.dags.bundle.items -}}
{{- $kwargs := dict
  "repo_url" (include "kit.dags.address" .repo)
  "tracking_ref" (.ref | default "main")
  "git_conn_id" (include "kit.dags.bundle.connection" .)
  "refresh_interval" (.refreshSeconds | default 60 | int) -}}
{{- with trimAll "/" (.subPath | default "") -}}{{- $_ := set $kwargs "subdir" . -}}{{- end -}}
{{- if .submodules -}}{{- $_ := set $kwargs "submodules" true -}}{{- end -}}
{{- $list = append $list (dict "name" .name "classpath" "airflow.providers.git.bundles.git.GitDagBundle" "kwargs" $kwargs) -}}
{{- end -}}
{{- toJson $list -}}
{{- end -}}

{{/* Id of a bundle's connection. Input: a bundle. Output: text. */}}
{{- define "kit.dags.bundle.connection" -}}
kit_git_{{ regexReplaceAll "[^a-z0-9]+" (lower .name) "_" }}
{{- end -}}

{{/* Folder of a bundle's credential files. Input: a bundle. Output: text. */}}
{{- define "kit.dags.bundle.files" -}}
/opt/airflow/git-credentials/{{ regexReplaceAll "[^a-z0-9]+" (lower .name) "-" }}
{{- end -}}

{{/*
A bundle's connection, without any secret: ssh reads its key from a file, and https asks the credential helper. Without a
connection of its own the hook would ask the API server for git_default at each start. Input: a bundle. Output: JSON.
*/}}
{{- define "kit.dags.bundle.connectionBody" -}}
{{- $body := dict "conn_type" "git" -}}
{{- if eq ((dig "credentials" "type" "none" .) | toString) "ssh" -}}
{{- $files := include "kit.dags.bundle.files" . -}}
{{- $strict := dig "credentials" "strictHostKey" true . -}}
{{- $extra := dict "key_file" (printf "%s/ssh-key" $files) "strict_host_key_checking" (ternary "yes" "no" $strict) -}}
{{- if $strict -}}{{- $_ := set $extra "known_hosts_file" (printf "%s/known-hosts" $files) -}}{{- end -}}
{{- $_ := set $body "extra" $extra -}}
{{- end -}}
{{- toJson $body -}}
{{- end -}}

{{/*
git's configuration of the credential helper, for each repository that is read with a password or a GitHub App. The helper
reads the files at each call, so a rotated password needs no restart. Submodules are other repositories of the same server,
so a bundle with submodules configures its whole server; last, because git asks the helpers in this order and the entry of
another bundle's repository must come first.
Input: the root. Output: YAML list entries.
*/}}
{{- define "kit.dags.bundle.helpers" -}}
{{- $pairs := list -}}
{{- $servers := list -}}
{{- range .Values.dags.bundle.items -}}
{{- $c := .credentials | default dict -}}
{{- if has ($c.type | default "none") (list "https" "github-app") -}}
{{- $arguments := printf "%s%s" (include "kit.dags.bundle.files" .) (include "kit.dags.bundle.appOptions" $c) -}}
{{- $helper := printf "!python3 -I /opt/airflow/kit/git_credential.py %s" $arguments -}}
{{- $pairs = append $pairs (dict "scope" (include "kit.dags.address" .repo) "helper" $helper) -}}
{{- if .submodules -}}
{{- $servers = append $servers (dict "scope" (regexFind "^https?://[^/]+" (include "kit.dags.address" .repo)) "helper" $helper) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $index, $pair := concat $pairs $servers }}
- {name: GIT_CONFIG_KEY_{{ $index }}, value: {{ printf "credential.%s.helper" $pair.scope | quote }}}
- name: GIT_CONFIG_VALUE_{{ $index }}
  value: {{ $pair.helper | quote }}
{{- end }}
{{- with concat $pairs $servers }}
- {name: GIT_CONFIG_COUNT, value: {{ len . | quote }}}
{{- end }}
{{- end -}}

{{/* Options of the helper for a GitHub App. Input: a credentials section. Output: text. */}}
{{- define "kit.dags.bundle.appOptions" -}}
{{- if eq .type "github-app" }} --app-id {{ .githubAppId }} --installation-id {{ .githubInstallationId }}
{{- with .githubBaseUrl }} --base-url {{ . }}{{- end }}
{{- end }}
{{- end -}}
