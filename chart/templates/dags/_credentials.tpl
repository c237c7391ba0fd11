{{/*
Files of a Secret with git credentials. Input: a credentials section. Output: a YAML list of items. Only what its type
needs is mounted, and a key that is absent keeps the pod from starting, with the key's name in its events.
*/}}
{{- define "kit.dags.credentialItems" -}}
{{- $keys := dict "https" (list "username" "password") "github-app" (list "github-app-private-key") "ssh" (list "ssh-key" "known-hosts") -}}
{{- $wanted := get $keys .type | default list -}}
{{- if and (eq .type "ssh") (not .strictHostKey) -}}{{- $wanted = list "ssh-key" -}}{{- end -}}
{{- range $wanted }}
- {key: {{ . }}, path: {{ . }}}
{{- end }}
{{- end -}}

{{/*
Rules of a repository and its credentials. Input: key (where they stand in the values), repo, credentials.
Output: one message a line.
*/}}
{{- define "kit.dags.validateCredentials" -}}
{{- $c := .credentials | default dict -}}
{{- $type := $c.type | default "none" -}}
{{- if and (ne $type "none") (not $c.secret) }}
{{ .key }}.credentials.secret: type {{ $type }} needs the name of a Secret | kubectl create secret generic git-credentials --from-literal=username=NAME --from-literal=password=TOKEN; {{ .key }}: {credentials: {type: {{ $type }}, secret: git-credentials}}
{{- end }}
{{- if and $c.secret (eq $type "none") }}
{{ .key }}.credentials.type: the Secret {{ $c.secret }} is named, but not what it holds | one of https, ssh, github-app
{{- end }}
{{- if and (eq $type "ssh") (regexMatch "^https?://" (.repo | default "")) }}
{{ .key }}.credentials.type: ssh credentials cannot open {{ .repo }} | repo: git@HOST:TEAM/REPO.git, or type: https
{{- end }}
{{- if and (has $type (list "https" "github-app")) (not (regexMatch "^https?://" (.repo | default ""))) }}
{{ .key }}.credentials.type: {{ $type }} credentials need a repository that begins with https:// | repo: https://HOST/TEAM/REPO.git
{{- end }}
{{- if regexMatch "^https?://[^/]*@" (.repo | default "") }}
{{ .key }}.repo: a password in the address would stand in the release's history | put it into a Secret: credentials: {type: https, secret: git-credentials}
{{- end }}
{{- if and (eq $type "github-app") (or (not $c.githubAppId) (not $c.githubInstallationId)) }}
{{ .key }}.credentials: a GitHub App needs githubAppId and githubInstallationId | credentials: {type: github-app, githubAppId: "12345", githubInstallationId: "67890", secret: git-credentials}
{{- end }}
{{- end -}}
