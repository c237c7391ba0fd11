{{/*
What both git-sync containers have in common. User 65533 is in the image's /etc/passwd, as ssh demands; adding another one
needs a writable root file system. Input: root, role; once, to end after the first sync. Output: map entries of a container.
*/}}
{{- define "kit.dags.git.container" -}}
{{- $git := .root.Values.dags.git -}}
{{- $section := include "kit.pods.section" (dict "root" .root "component" .role) | fromJson -}}
image: {{ include "kit.imageRef" $git.image }}
imagePullPolicy: {{ $git.image.pullPolicy }}
env:
  {{- $env := concat (include "kit.dags.git.settings" . | fromYamlArray) .root.Values.pods.env $git.env }}
  {{- include "kit.unique" (dict "key" "name" "list" $env) | fromJsonArray | toYaml | nindent 2 }}
resources:
  {{- toYaml $git.resources | nindent 2 }}
securityContext:
  {{- include "kit.containerSecurityContext" (dict "section" $section "user" 65533) | nindent 2 }}
volumeMounts:
  - {name: dags, mountPath: /git}
  - {name: git-tmp, mountPath: /tmp}
  {{- if ne $git.credentials.type "none" }}
  - {name: git-credentials, mountPath: /etc/git-credentials, readOnly: true}
  {{- end }}
  {{- if $git.caBundleConfigMap }}
  - {name: git-ca, mountPath: /etc/git-ca, readOnly: true}
  {{- end }}
  {{- if $git.sparsePaths }}
  - {name: git-sparse, mountPath: /etc/git-sparse, readOnly: true}
  {{- end }}
{{- end -}}

{{/*
Settings of git-sync. Only names of v4 (tests/data/git-sync-v4.json): it ignores a misspelt name without any message.
Input: root, once. Output: a YAML list.
*/}}
{{- define "kit.dags.git.settings" -}}
{{- $git := .root.Values.dags.git -}}
- {name: GITSYNC_REPO, value: {{ include "kit.dags.address" $git.repo | quote }}}
- {name: GITSYNC_REF, value: {{ $git.ref | quote }}}
- {name: GITSYNC_ROOT, value: /git}
- {name: GITSYNC_LINK, value: repo}
- {name: GITSYNC_DEPTH, value: {{ $git.depth | int | quote }}}
- {name: GITSYNC_SUBMODULES, value: {{ $git.submodules | quote }}}
- {name: GITSYNC_SYNC_TIMEOUT, value: {{ printf "%ds" (int $git.syncTimeoutSeconds) }}}
- {name: HOME, value: /tmp}
{{- if .once }}
- {name: GITSYNC_ONE_TIME, value: "true"}
- {name: GITSYNC_MAX_FAILURES, value: {{ $git.workerMaxFailures | int | quote }}}
# Time between two tries. A task waits for them, so it is short, whatever the sidecar's period is.
- {name: GITSYNC_PERIOD, value: 3s}
# The clone is deleted with the pod; collecting its garbage would only delay the task.
- {name: GITSYNC_GIT_GC, value: "off"}
{{- else }}
- {name: GITSYNC_MAX_FAILURES, value: {{ $git.maxFailures | int | quote }}}
- {name: GITSYNC_PERIOD, value: {{ printf "%ds" (int $git.periodSeconds) }}}
# Until the first commit is there, the pod does nothing else: it tries often, and until its startup probe gives up. git-sync
# before v4.7 ignores both names.
- {name: GITSYNC_INIT_PERIOD, value: 5s}
- {name: GITSYNC_INIT_MAX_FAILURES, value: "-1"}
# It exists while the last sync failed; `kitctl status` reads it in the main container.
- {name: GITSYNC_ERROR_FILE, value: .sync-error.json}
- {name: GITSYNC_GIT_GC, value: auto}
- {name: GITSYNC_STALE_WORKTREE_TIMEOUT, value: {{ printf "%ds" (int $git.staleWorktreeTimeoutSeconds) }}}
- {name: GITSYNC_HTTP_BIND, value: {{ printf ":%d" (int $git.metricsPort) | quote }}}
- {name: GITSYNC_HTTP_METRICS, value: "true"}
# `kitctl dags push` sends it for a sync at once.
- {name: GITSYNC_SYNC_ON_SIGNAL, value: SIGHUP}
{{- end }}
{{- if $git.sparsePaths }}
- {name: GITSYNC_SPARSE_CHECKOUT_FILE, value: /etc/git-sparse/sparse-checkout}
# git-sync reads the file at a new commit only; with other patterns, the pods start anew.
- {name: KIT_SPARSE_CHECKSUM, value: {{ $git.sparsePaths | toJson | sha256sum | trunc 16 | quote }}}
{{- end }}
{{- if $git.caBundleConfigMap }}
- {name: GITSYNC_GIT_CONFIG, value: "http.sslCAInfo:/etc/git-ca/ca.crt"}
{{- end }}
{{- include "kit.dags.git.credentials" $git.credentials }}
{{- end -}}

{{/* Credentials of git-sync, as files. Input: a credentials section. Output: YAML list entries. */}}
{{- define "kit.dags.git.credentials" -}}
{{- if eq .type "https" }}
- name: GITSYNC_USERNAME
  valueFrom:
    secretKeyRef: {name: {{ .secret | quote }}, key: username}
- {name: GITSYNC_PASSWORD_FILE, value: /etc/git-credentials/password}
{{- else if eq .type "ssh" }}
- {name: GITSYNC_SSH_KEY_FILE, value: /etc/git-credentials/ssh-key}
- {name: GITSYNC_SSH_KNOWN_HOSTS, value: {{ .strictHostKey | quote }}}
- {name: GITSYNC_SSH_KNOWN_HOSTS_FILE, value: /etc/git-credentials/known-hosts}
{{- else if eq .type "github-app" }}
- {name: GITSYNC_GITHUB_APP_PRIVATE_KEY_FILE, value: /etc/git-credentials/github-app-private-key}
{{- $numeric := regexMatch "^[0-9]+$" .githubAppId }}
- name: {{ $numeric | ternary "GITSYNC_GITHUB_APP_APPLICATION_ID" "GITSYNC_GITHUB_APP_CLIENT_ID" }}
  value: {{ .githubAppId | quote }}
- {name: GITSYNC_GITHUB_APP_INSTALLATION_ID, value: {{ .githubInstallationId | quote }}}
{{- with .githubBaseUrl }}
- {name: GITSYNC_GITHUB_BASE_URL, value: {{ . | quote }}}
{{- end }}
{{- end }}
{{- end -}}
