{{/*
Parts (see kit.podTemplate) of a long-lived Airflow component. What it has of its own stands in its folder's _pod.tpl, in two
defines that take the root and give a YAML map:
  kit.<component>.container  fields of its main container: args, ports, probes, lifecycle, volumeMounts
  kit.<component>.pod        annotations, automountServiceAccountToken and volumes of its pod; {} if it needs none
Input: root, component (also its role), section. Output: a YAML map.
*/}}
{{- define "kit.airflow.parts" -}}
{{- $values := include "kit.pods.own" . | fromJson -}}
{{- $own := include (printf "kit.%s.pod" .component) .root | fromYaml -}}
{{- $role := dict "root" .root "role" .component "section" .section -}}
{{- $dags := include "kit.readsDags" $role -}}
{{- $role = set $role "env" (include "kit.env" (merge (dict "env" .section.env) $role)) -}}
user: 50000
annotations:
  {{- include "kit.checksums" $role | nindent 2 }}
  {{- with $own.annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "kit.serviceAccountName" (dict "root" .root "component" .component "values" $values) | quote }}
  automountServiceAccountToken: {{ $own.automountServiceAccountToken | default false }}
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds | int }}
initContainers:
  - {{- include "kit.waitContainer" (merge (dict "target" "migrated") $role) | nindent 4 }}
  {{- with include "kit.auth.simple.init" $role | fromJsonArray }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if $dags }}
  {{- with include "kit.dags.slot" (merge (dict "slot" "longLived") $role) | fromJsonArray }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
container:
  {{- include "kit.airflow.container" (merge (dict "dags" $dags) $role) | nindent 2 }}
volumes:
  {{- include "kit.airflowVolumes" $role | nindent 2 }}
  {{- if $dags }}
  {{- with include "kit.dags.slot" (merge (dict "slot" "volumes") $role) | fromJsonArray }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- with concat ($own.volumes | default list) (include "kit.policy.volumes" $role | fromYamlArray) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Main container of a component. Input: root, role, section, env (as YAML), dags (not empty if it reads DAGs). Output: map entries. */}}
{{- define "kit.airflow.container" -}}
{{- $own := include (printf "kit.%s.container" .role) .root | fromYaml -}}
{{- $mounts := concat (include "kit.airflowMounts" . | fromYamlArray) (include "kit.policy.mounts" . | fromYamlArray) -}}
{{- if .dags -}}
{{- $mounts = concat $mounts (include "kit.dags.slot" (merge (dict "slot" "mounts") .) | fromJsonArray) -}}
{{- end -}}
name: {{ .role }}
image: {{ include "kit.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{ omit $own "volumeMounts" | toYaml }}
env:
  {{- .env | nindent 2 }}
{{- with .root.Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  {{- concat $mounts ($own.volumeMounts | default list) | toYaml | nindent 2 }}
{{- end -}}

{{/*
Annotations that restart pods when the image changes, or a file of the configuration that they read; no secret is in them.
Input: root, role. Output: map entries.
*/}}
{{- define "kit.checksums" -}}
{{- $files := list "airflow.cfg" "database.py" "database_url.py" "wait_for_database.py" -}}
{{- if eq .role "flower" -}}{{- $files = list "start_flower.py" -}}{{- end -}}
{{- if has .role (list "dag-processor" "triggerer") -}}{{- $files = append $files "heartbeat.py" -}}{{- end -}}
{{- $simple := eq (include "kit.auth.preset" .root) "simple" -}}
{{- if and $simple (eq .role "api-server") -}}{{- $files = append $files "simple_passwords.py" -}}{{- end -}}
{{- if eq .role "migrate" -}}{{- $files = append $files "migrate.py" -}}{{- end -}}
{{- if eq .role "celery" -}}{{- $files = concat $files (list "celery_alive.py" "redelivery.py") -}}{{- end -}}
{{- if and (has .role (list "celery" "flower" "scheduler")) (include "kit.broker.needed" .root) -}}
{{- $files = append $files "broker_url.py" -}}
{{- end -}}
{{- if and (eq (include "kit.dags.mode" .root) "bundle") (include "kit.readsDags" .) -}}
{{- $files = append $files "git_credential.py" -}}
{{- end -}}
{{- if include "kit.env.policy" . | trim -}}
{{- $files = concat $files (list "guard.py" "scope.py" "entry_points.txt") -}}
{{- if ne .role "api-server" -}}{{- $files = append $files "operator_pods.py" -}}{{- end -}}
{{- end -}}
{{- if and .root.Values.airflowLocalSettings.text (ne .role "flower") -}}
{{- $files = append $files "airflow_local_settings.py" -}}
{{- end -}}
{{- if include "kit.pooled" . -}}{{- $files = append $files "airflow_kit_pooler.py" -}}{{- end -}}
{{- $data := include "kit.configData" .root | fromJson -}}
{{- $read := dict -}}
{{- range $files -}}{{- $_ := set $read . (get $data .) -}}{{- end -}}
checksum/config: {{ toJson $read | sha256sum | trunc 16 }}
{{- with .root.Values.image.revision }}
airflow-kit.io/image-revision: {{ . | quote }}
{{- end }}
{{- end -}}
