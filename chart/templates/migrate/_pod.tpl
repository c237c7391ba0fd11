{{/*
Parts (see kit.podTemplate) of the Job that migrates the database and makes the first user. The Job's name is a hash of its
pod template: any change of it, even of a comment, runs the Job again at the next upgrade. Input: root, component, section.
Output: a YAML map.
*/}}
{{- define "kit.migrate.parts" -}}
{{- $role := dict "root" .root "role" "migrate" "section" .section -}}
{{- $env := concat (include "kit.migrate.env" .root | fromYamlArray) .section.env -}}
{{- $role = set $role "env" (include "kit.env" (merge (dict "env" $env) $role)) -}}
user: 50000
annotations:
  {{- include "kit.checksums" $role | nindent 2 }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "kit.serviceAccountName" (merge (dict "component" "migrate" "values" .root.Values.migrations) .) | quote }}
  automountServiceAccountToken: false
initContainers:
  - {{- include "kit.waitContainer" (merge (dict "target" "connect") $role) | nindent 4 }}
container:
  name: migrate
  image: {{ include "kit.image" .root }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [python, /opt/airflow/kit/migrate.py]
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

{{/* Variables that describe the first user of FAB's auth manager; the password stays in a file. Input: the root. Output: a YAML list. */}}
{{- define "kit.migrate.env" -}}
{{- $fab := eq (include "kit.auth.preset" .) "fab" -}}
{{- with .Values.admin -}}
{{- if and .create $fab -}}
- {name: KIT_ADMIN_USERNAME, value: {{ .username | quote }}}
- {name: KIT_ADMIN_EMAIL, value: {{ .email | quote }}}
- {name: KIT_ADMIN_FIRST_NAME, value: {{ .firstName | quote }}}
- {name: KIT_ADMIN_LAST_NAME, value: {{ .lastName | quote }}}
- {name: KIT_ADMIN_ROLE, value: {{ .role | quote }}}
{{- else -}}
[]
{{- end -}}
{{- end -}}
{{- end -}}
