{{/*
Which role holds which secret. Worker pods hold none: a task reports with the short-lived token that the scheduler signed
for it. A Celery worker writes results into the database, and serves logs, for which it checks requests (ADR 0003).
Input: root, role. Output: a JSON list of file names in /opt/airflow/secrets.
*/}}
{{- define "kit.secretKeys" -}}
{{- $held := dict
  "api-server" (list "fernet-key" "jwt-secret" "api-secret-key" "postgres-password")
  "scheduler" (list "fernet-key" "jwt-secret" "postgres-password")
  "dag-processor" (list "fernet-key" "postgres-password")
  "triggerer" (list "fernet-key" "api-secret-key" "postgres-password")
  "migrate" (list "fernet-key" "postgres-password")
  "celery" (list "api-secret-key" "postgres-password")
  "flower" (list "flower-password")
  "clean-db" (list "postgres-password")
  "objects" list
  "worker" list -}}
{{- if not (hasKey $held .role) -}}{{- fail (printf "kit.secretKeys: there is no role %q" .role) -}}{{- end -}}
{{- $keys := get $held .role -}}
{{- /* FAB's first user is made by the migrate Job; that of SimpleAuthManager is read by the API server. The Job `objects` logs in. */ -}}
{{- $holder := get (dict "fab" "migrate" "simple" "api-server") (include "kit.auth.preset" .root) -}}
{{- if and (has .role (list $holder "objects")) $holder .root.Values.admin.create -}}
{{- $keys = append $keys "admin-password" -}}
{{- end -}}
{{- if and (eq .role "scheduler") (include "kit.runsTasks" .) -}}
{{- /* A scheduler that runs tasks serves their logs, and checks requests for them with this key. */ -}}
{{- $keys = append $keys "api-secret-key" -}}
{{- end -}}
{{- if and (has .role (list "scheduler" "celery" "flower")) (include "kit.broker.needed" .root) -}}
{{- $keys = append $keys "broker-password" -}}
{{- end -}}
{{- toJson $keys -}}
{{- end -}}

{{/* Volume with the secrets of a role. Input: root, role. Output: a YAML list of one volume, or of none. */}}
{{- define "kit.secretVolumes" -}}
{{- $keys := include "kit.secretKeys" . | fromJsonArray -}}
{{- if $keys -}}
- name: secrets
  projected:
    # Readable by the pod's group only. libpq takes a private key that root owns and the group can read.
    defaultMode: 0440
    sources:
      {{- /* A source without items would mount every key of the Secret. */}}
      {{- with without $keys "postgres-password" "broker-password" }}
      - secret:
          name: {{ include "kit.keysSecret" $.root | quote }}
          items:
            {{- range . }}
            - {key: {{ . | quote }}, path: {{ . | quote }}}
            {{- end }}
      {{- end }}
      {{- if has "postgres-password" $keys }}
      {{- with include "kit.databaseSources" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- end }}
      {{- if eq .role "api-server" }}
      {{- with include "kit.auth.slot" (dict "root" .root "slot" "sources") | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- end }}
      {{- if has "broker-password" $keys }}
      {{- with include "kit.broker.slot" (dict "root" .root "slot" "sources") | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- end }}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{/*
Files for the connection to the database (database_url.py and start_pgbouncer.sh read them): those of the log-in, and those of TLS to
the server that the role calls, which may be PgBouncer. Input: root, role. Output: a YAML list.
*/}}
{{- define "kit.databaseSources" -}}
{{- include "kit.databaseLogin" . -}}
{{- $db := .root.Values.database -}}
{{- if include "kit.pooled" . -}}
{{- with .root.Values.pgbouncer.tls }}
{{- if .secret }}
- secret:
    name: {{ .secret | quote }}
    items:
      - {key: {{ .caKey | quote }}, path: database-ca.crt}
{{- end }}
{{- end }}
{{- else }}
{{- with $db.ca }}
{{- if or .configMap .secret }}
- {{ ternary "configMap" "secret" (not (empty .configMap)) }}:
    name: {{ .configMap | default .secret | quote }}
    items:
      - {key: {{ .key | quote }}, path: database-ca.crt}
{{- end }}
{{- end }}
{{- with $db.clientCertificate }}
{{- if .secret }}
- secret:
    name: {{ .secret | quote }}
    items:
      - {key: {{ .certificateKey | quote }}, path: database-client.crt}
      - {key: {{ .privateKeyKey | quote }}, path: database-client.key}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
Files of the log-in: the URL, or user and password. PgBouncer asks its clients for a password; if the database has none
(database.password), it is the one of the keys Secret. Input: root, role. Output: a YAML list.
*/}}
{{- define "kit.databaseLogin" -}}
{{- $db := .root.Values.database -}}
{{- $own := .root.Values.postgres.enabled -}}
{{- $items := list -}}
{{- if and $db.urlSecret.name (not $own) }}
- secret:
    name: {{ $db.urlSecret.name | quote }}
    items:
      - {key: {{ $db.urlSecret.key | quote }}, path: database-url}
{{- else if or $own $db.password -}}
{{- $items = append $items (dict "key" (include "kit.passwordKey" .root) "path" "postgres-password") -}}
{{- end -}}
{{- $withoutPassword := and (not $own) (not $db.password) -}}
{{- if and $withoutPassword (or (include "kit.pooled" .) (eq .role "pgbouncer")) }}
- secret:
    name: {{ include "kit.keysSecret" .root | quote }}
    items:
      - {key: postgres-password, path: postgres-password}
{{- end -}}
{{- with $db.passwordSecret.userKey -}}{{- $items = append $items (dict "key" . "path" "database-user") -}}{{- end -}}
{{- with $items }}
- secret:
    name: {{ include "kit.passwordSecret" $.root | quote }}
    items:
      {{- range . }}
      - {key: {{ .key | quote }}, path: {{ .path }}}
      {{- end }}
{{- end }}
{{- end -}}

{{/* Secret with the password of the database. Input: the root. Output: its name. */}}
{{- define "kit.passwordSecret" -}}
{{- if .Values.postgres.enabled -}}
{{- include "kit.keysSecret" . -}}
{{- else -}}
{{- .Values.database.passwordSecret.name | default (include "kit.keysSecret" .) -}}
{{- end -}}
{{- end -}}

{{/* Key of the password in that Secret. Input: the root. Output: text. */}}
{{- define "kit.passwordKey" -}}
{{- .Values.postgres.enabled | ternary "postgres-password" .Values.database.passwordSecret.key -}}
{{- end -}}
