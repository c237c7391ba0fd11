{{/* Parts (see kit.podTemplate) of the kit's own PostgreSQL. Input: root, component, section. Output: a YAML map. */}}
{{- define "kit.postgres.parts" -}}
user: 999
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ .root.Values.postgres.terminationGracePeriodSeconds | int }}
container:
  {{- include "kit.postgres.container" .root | nindent 2 }}
volumes:
  {{- include "kit.postgres.volumes" .root | nindent 2 }}
{{- end -}}

{{/* Volumes of PostgreSQL; `data` comes from the claim template unless the user has a claim. Input: the root. Output: a YAML list. */}}
{{- define "kit.postgres.volumes" -}}
- name: run
  emptyDir: {sizeLimit: 16Mi}
- name: tmp
  emptyDir: {sizeLimit: 1Gi}
- name: password
  secret:
    secretName: {{ include "kit.keysSecret" . | quote }}
    defaultMode: 0440
    items:
      - {key: postgres-password, path: postgres-password}
{{- with .Values.postgres.storage.existingClaim }}
- name: data
  persistentVolumeClaim:
    claimName: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* Container of PostgreSQL, for the official image. Input: the root. Output: map entries of a container. */}}
{{- define "kit.postgres.container" -}}
{{- $db := .Values.database -}}
name: postgres
image: {{ include "kit.imageRef" .Values.postgres.image }}
imagePullPolicy: {{ .Values.postgres.image.pullPolicy }}
command:
  - sh
  - -c
  - {{ .Files.Get "files/start_postgres.sh" | quote }}
  - start_postgres.sh
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
  # For a new database. Text is sorted by code points: the order of a locale changes with the C library of the image, and
  # then indexes of text are broken.
  - {name: POSTGRES_INITDB_ARGS, value: --encoding=UTF8 --locale=C.UTF-8}
  # A folder below the mount: many volumes contain a lost+found, and initdb needs an empty folder.
  - {name: PGDATA, value: /var/lib/postgresql/data/pgdata}
ports:
  - name: postgres
    containerPort: 5432
# Over TCP: while the image initialises, a temporary server listens on the socket only, and would look ready. The probe
# notices a start at once, and must never end one: a server that recovers from a crash may need an hour, and from the
# beginning again each time that it is killed. It gives up after a day.
startupProbe:
  exec:
    command: {{ include "kit.postgres.isReady" $db }}
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 86400
readinessProbe:
  exec:
    command: {{ include "kit.postgres.isReady" $db }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
# Only the port: while a server recovers from a crash pg_isready says "no", and it must not be killed for that.
livenessProbe:
  tcpSocket: {port: postgres}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 6
volumeMounts:
  - {name: data, mountPath: /var/lib/postgresql/data}
  - {name: run, mountPath: /var/run/postgresql}
  - {name: tmp, mountPath: /tmp}
  - {name: password, mountPath: /run/secrets/kit, readOnly: true}
{{- end -}}

{{/* Command that asks whether PostgreSQL accepts connections. Input: the database section. Output: a JSON list. */}}
{{- define "kit.postgres.isReady" -}}
{{- list "pg_isready" "-q" "-h" "127.0.0.1" "-U" .user "-d" .name | toJson -}}
{{- end -}}
