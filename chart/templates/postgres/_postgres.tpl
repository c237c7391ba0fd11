{{/* Claim of the kit's own PostgreSQL. Input: the root. */}}
{{- define "kit.postgresClaim" -}}
{{- .Values.postgres.storage.existingClaim | default (printf "data-%s-0" (include "kit.name" (dict "root" . "component" "postgres"))) -}}
{{- end -}}

{{/* Container of PostgreSQL, on the contract of the official image. Input: the root. */}}
{{- define "kit.postgres.container" -}}
{{- $db := .Values.database -}}
name: postgres
image: {{ include "kit.imageRef" .Values.postgres.image }}
imagePullPolicy: {{ .Values.postgres.image.pullPolicy }}
args:
  - postgres
  {{- range $name, $value := .Values.postgres.settings }}
  - -c
  - {{ printf "%s=%s" $name (include "kit.scalar" $value) | quote }}
  {{- end }}
env:
  - {name: POSTGRES_USER, value: {{ $db.user | quote }}}
  - {name: POSTGRES_DB, value: {{ $db.name | quote }}}
  - {name: POSTGRES_PASSWORD_FILE, value: /run/secrets/kit/postgres-password}
  # A folder below the mount: many volumes carry a lost+found, and initdb wants an empty folder.
  - {name: PGDATA, value: /var/lib/postgresql/data/pgdata}
  {{- with .Values.postgres.env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports:
  - name: postgres
    containerPort: 5432
# By TCP: while the image initialises, its temporary server listens on the socket only, and would look ready.
startupProbe:
  exec:
    command: {{ include "kit.postgres.isReady" $db }}
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 600
readinessProbe:
  exec:
    command: {{ include "kit.postgres.isReady" $db }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
# Only the port: a server that recovers after a crash answers pg_isready with "no", and must not be killed for it.
livenessProbe:
  tcpSocket: {port: postgres}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 6
resources:
  {{- toYaml .Values.postgres.resources | nindent 2 }}
securityContext:
  {{- include "kit.containerSecurityContext" . | nindent 2 }}
volumeMounts:
  - {name: data, mountPath: /var/lib/postgresql/data}
  - {name: run, mountPath: /var/run/postgresql}
  - {name: tmp, mountPath: /tmp}
  - {name: shm, mountPath: /dev/shm}
  - {name: password, mountPath: /run/secrets/kit, readOnly: true}
  {{- with .Values.postgres.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Command that asks whether PostgreSQL takes connections. Input: the database section. Output: a JSON list. */}}
{{- define "kit.postgres.isReady" -}}
{{- list "pg_isready" "-q" "-h" "127.0.0.1" "-U" .user "-d" .name | toJson -}}
{{- end -}}
