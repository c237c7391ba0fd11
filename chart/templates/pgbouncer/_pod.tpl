{{/*
Whether a role reaches the database through PgBouncer. Migrations and the deletion of old rows go around it: they hold locks of a
session, which a pool of transactions cannot keep. Input: root, role. Output: "true" or nothing.
*/}}
{{- define "kit.pooled" -}}
{{- if and .root.Values.pgbouncer.enabled (not (has .role (list "migrate" "clean-db" "pgbouncer"))) -}}
{{- if has "postgres-password" (include "kit.secretKeys" . | fromJsonArray) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Parts (see kit.podTemplate) of PgBouncer. Its files are in volumes, so it runs as any user. Input: root, component, section. Output:
a YAML map.
*/}}
{{- define "kit.pgbouncer.parts" -}}
{{- $values := .root.Values.pgbouncer -}}
user: 50000
spec:
  serviceAccountName: {{ include "kit.serviceAccountName" (dict "root" .root "component" "pgbouncer" "values" $values) | quote }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds | int }}
container:
  {{- include "kit.pgbouncer.container" .root | nindent 2 }}
volumes:
  {{- include "kit.pgbouncer.volumes" .root | nindent 2 }}
{{- end -}}

{{/* Volumes of PgBouncer. Input: the root. Output: a YAML list. */}}
{{- define "kit.pgbouncer.volumes" -}}
# In memory: the list of users contains the password.
- name: run
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
- name: password
  projected:
    # Readable by the pod's group only.
    defaultMode: 0440
    sources:
      {{- include "kit.databaseSources" (dict "root" . "role" "pgbouncer") | trim | nindent 6 }}
      {{- with .Values.pgbouncer.tls }}
      {{- if .secret }}
      - secret:
          name: {{ .secret | quote }}
          items:
            - {key: {{ .certificateKey | quote }}, path: pgbouncer.crt}
            - {key: {{ .privateKeyKey | quote }}, path: pgbouncer.key}
      {{- end }}
      {{- end }}
{{- end -}}

{{/* Container of PgBouncer, for any image that has it. Input: the root. Output: map entries of a container. */}}
{{- define "kit.pgbouncer.container" -}}
{{- $values := .Values.pgbouncer -}}
name: pgbouncer
image: {{ include "kit.imageRef" $values.image }}
imagePullPolicy: {{ $values.image.pullPolicy }}
command:
  - sh
  - -c
  - {{ .Files.Get "files/start_pgbouncer.sh" | quote }}
  - start_pgbouncer.sh
args:
  {{- range include "kit.pgbouncer.settings" . | fromYamlArray }}
  - {{ . | quote }}
  {{- end }}
{{- with include "kit.env.databaseAddress" (dict "root" . "role" "pgbouncer") | fromYamlArray }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: pgbouncer
    containerPort: 6432
# Only the port: whether the server answers is not PgBouncer's state, and its clients wait for a server that does not.
startupProbe:
  tcpSocket: {port: pgbouncer}
  {{- include "kit.probeTiming" $values.startupProbe | nindent 2 }}
readinessProbe:
  tcpSocket: {port: pgbouncer}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
livenessProbe:
  tcpSocket: {port: pgbouncer}
  {{- include "kit.probeTiming" $values.livenessProbe | nindent 2 }}
volumeMounts:
  - {name: run, mountPath: /run/kit}
  - {name: password, mountPath: /run/secrets/kit, readOnly: true}
{{- end -}}

{{/*
Lines of the section [pgbouncer] that the values decide; a later one wins. The start script writes those before them.
Input: the root. Output: a YAML list.
*/}}
{{- define "kit.pgbouncer.settings" -}}
{{- $values := .Values.pgbouncer -}}
{{- $db := .Values.database -}}
- default_pool_size = {{ $values.poolSize | int }}
- reserve_pool_size = {{ $values.reservePoolSize | int }}
- max_client_conn = {{ $values.maxClientConnections | int }}
{{- with $db.sslMode }}
- server_tls_sslmode = {{ . }}
{{- end }}
{{- if or $db.ca.configMap $db.ca.secret }}
- server_tls_ca_file = /run/secrets/kit/database-ca.crt
{{- end }}
{{- if $db.clientCertificate.secret }}
- server_tls_cert_file = /run/secrets/kit/database-client.crt
- server_tls_key_file = /run/secrets/kit/database-client.key
{{- end }}
{{- if $values.tls.secret }}
- client_tls_sslmode = require
- client_tls_cert_file = /run/secrets/kit/pgbouncer.crt
- client_tls_key_file = /run/secrets/kit/pgbouncer.key
{{- end }}
{{- range $name, $value := $values.settings }}
- {{ printf "%s = %s" $name (include "kit.scalar" $value) | quote }}
{{- end }}
{{- end -}}
