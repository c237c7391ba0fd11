{{/*
Parts (see kit.podTemplate) of the CronJob that deletes old rows. Like the components, it waits for a migration that runs; the
script then holds the lock of the migrations. Input: root, component, section. Output: a YAML map.
*/}}
{{- define "kit.clean-db.parts" -}}
{{- $values := .root.Values.databaseCleanup -}}
{{- $role := dict "root" .root "role" "clean-db" "section" .section -}}
{{- $role = set $role "env" (include "kit.env" (merge (dict "env" .section.env) $role)) -}}
user: 50000
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "kit.serviceAccountName" (merge (dict "values" $values) .) | quote }}
  automountServiceAccountToken: false
initContainers:
  - {{- include "kit.waitContainer" (merge (dict "target" "migrated") $role) | nindent 4 }}
container:
  name: clean-db
  image: {{ include "kit.image" .root }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: {{ include "kit.clean-db.args" $values }}
  env:
    {{- $role.env | nindent 4 }}
  {{- with .root.Values.envFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    {{- include "kit.airflowMounts" $role | nindent 4 }}
volumes:
  {{- include "kit.airflowVolumes" $role | nindent 2 }}
{{- end -}}

{{/* Command line of clean_database.py, which computes the time in the pod. Input: a section `databaseCleanup`. Output: JSON. */}}
{{- define "kit.clean-db.args" -}}
{{- $args := list "python" "/opt/airflow/kit/clean_database.py" "--days" (int .retentionDays | toString) "--archive" .archive
  "--tables" (join "," .tables) -}}
{{- with .batchSize -}}{{- $args = concat $args (list "--batch-size" (int . | toString)) -}}{{- end -}}
{{- toJson $args -}}
{{- end -}}
