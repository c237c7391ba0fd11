{{/* Whether the release has a Flower; without a broker, kit.validate.flower refuses it. Input: the root. Output: "true" or nothing. */}}
{{- define "kit.flower.deployed" -}}
{{- if .Values.flower.enabled -}}{{- include "kit.broker.needed" . -}}{{- end -}}
{{- end -}}

{{/* Path of the page, or of its Ingress or HTTPRoute, without a slash at its end. Input: the root. Output: "" or "/prefix". */}}
{{- define "kit.flower.path" -}}
{{- $path := .Values.flower.urlPrefix | default (include "kit.doorPath" (dict "root" . "door" "flower")) -}}
{{- with trimAll "/" $path -}}/{{ . }}{{- end -}}
{{- end -}}

{{/* Parts (see kit.podTemplate) of the pod of Flower. Input: root, component, section. Output: a YAML map. */}}
{{- define "kit.flower.parts" -}}
{{- $role := dict "root" .root "role" "flower" -}}
{{- $values := .root.Values.flower -}}
user: 50000
annotations:
  {{- include "kit.checksums" $role | nindent 2 }}
spec:
  serviceAccountName: {{ include "kit.serviceAccountName" (dict "root" .root "component" "flower" "values" $values) | quote }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds | int }}
container:
  {{- include "kit.flower.container" .root | nindent 2 }}
volumes:
  - name: config
    configMap:
      name: {{ include "kit.name" (dict "root" .root "component" "config") }}
  - name: tmp
    emptyDir: {sizeLimit: 64Mi}
  {{- include "kit.secretVolumes" $role | nindent 2 }}
{{- end -}}

{{/*
Container of Flower. It runs no Airflow, so it has none of its variables and no password of the database. Flower answers
/healthcheck without a log-in. Input: the root. Output: map entries of a container.
*/}}
{{- define "kit.flower.container" -}}
{{- $flower := .Values.flower -}}
{{- $check := dict "path" (printf "%s/healthcheck" (include "kit.flower.path" .)) "port" "http" -}}
name: flower
image: {{ include "kit.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
command: [python3, -I, /opt/airflow/kit/start_flower.py]
env:
  - {name: KIT_FLOWER_USERNAME, value: {{ $flower.username | quote }}}
  - {name: KIT_FLOWER_URL_PREFIX, value: {{ include "kit.flower.path" . | quote }}}
  {{- range include "kit.broker.slot" (dict "root" . "slot" "env") | fromYamlArray }}
  {{- if hasPrefix "KIT_" .name }}
  - {{ toJson . }}
  {{- end }}
  {{- end }}
ports:
  - name: http
    containerPort: 5555
startupProbe:
  httpGet: {{ toJson $check }}
  {{- include "kit.probeTiming" $flower.startupProbe | nindent 2 }}
readinessProbe:
  httpGet: {{ toJson $check }}
  {{- include "kit.probeTiming" $flower.readinessProbe | nindent 2 }}
livenessProbe:
  httpGet: {{ toJson $check }}
  {{- include "kit.probeTiming" $flower.livenessProbe | nindent 2 }}
volumeMounts:
  {{- include "kit.scriptMounts" . | nindent 2 }}
  - name: tmp
    mountPath: /tmp
{{- end -}}
