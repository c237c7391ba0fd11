{{/* Rules of mode git. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.dags.git.validate" -}}
{{- $git := .root.Values.dags.git -}}
{{- if not $git.repo -}}
{{- include "kit.problem" (dict "to" .to "id" "dags-git-invalid" "what" "dags.git.repo is not valid"
  "why" "Mode git needs a repository, and there is no default one."
  "paste" `dags: {mode: git, git: {repo: "https://git.example.com/team/dags.git"}}`) -}}
{{- end -}}
{{- if and (not $git.image.digest) (regexMatch "^v?[0-3]\\." $git.image.tag) -}}
{{- include "kit.problem" (dict "to" .to "id" "dags-git-invalid" "what" "dags.git.image.tag is not valid"
  "why" (printf "%s is git-sync v3 or older, which ignores every GITSYNC_ name that the chart sets." $git.image.tag)
  "paste" "(remove dags.git.image.tag: the chart's own is v4)") -}}
{{- end -}}
{{- if has (int $git.metricsPort) (list 8080 8793 8794 8974) -}}
{{- include "kit.problem" (dict "to" .to "id" "dags-git-invalid" "what" "dags.git.metricsPort is not valid"
  "why" (printf "Airflow listens on %d in the same pod (8080: the API, 8793 and 8794: logs, 8974: health)." (int $git.metricsPort))
  "paste" "dags: {git: {metricsPort: 2112}}") -}}
{{- end -}}
{{- include "kit.dags.validateCredentials" (dict "to" .to "id" "dags-git-invalid" "key" "dags.git"
  "repo" $git.repo "credentials" $git.credentials) -}}
{{- include "kit.dags.validateAddress" (dict "to" .to "id" "dags-git-invalid" "key" "dags.git"
  "repo" $git.repo "noKey" (eq $git.credentials.type "none")) -}}
{{- end -}}
