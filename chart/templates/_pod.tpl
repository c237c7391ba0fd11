{{/*
Security of an Airflow pod: Pod Security "restricted". Output: a YAML map. User and group are the official image's user;
group 0 comes along because that image, and volumes filled by others for it, give their rights to group 0.
*/}}
{{- define "kit.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 50000
runAsGroup: 50000
fsGroup: 50000
fsGroupChangePolicy: OnRootMismatch
supplementalGroups: [0]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Security of any container. Output: a YAML map. */}}
{{- define "kit.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Annotations that roll a pod when the configuration changes. Input: the root. Output: a YAML map. No secret is in it. */}}
{{- define "kit.checksums" -}}
checksum/config: {{ include "kit.configData" . | sha256sum | trunc 16 }}
{{- with .Values.image.revision }}
airflow-kit.io/image-revision: {{ . | quote }}
{{- end }}
{{- end -}}

{{/*
Spread constraints. Input: root, component, constraints (a list). Output: a JSON list.
One without labelSelector would count no pod at all, so it gets the component's labels; a user's own stays as it is, also
an empty one, which counts every pod of the namespace.
*/}}
{{- define "kit.spread" -}}
{{- $own := dict "matchLabels" (include "kit.selectorLabels" . | fromYaml) -}}
{{- $result := list -}}
{{- range .constraints -}}
{{- $result = append $result (set (deepCopy .) "labelSelector" (ternary .labelSelector $own (kindIs "map" .labelSelector))) -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* Where pods run. Input: root, component, values (a section with nodeSelector and so on). Output: map entries of a PodSpec. */}}
{{- define "kit.placement" -}}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- $spread := dict "root" .root "component" .component "constraints" .values.topologySpreadConstraints }}
  {{- include "kit.spread" $spread | fromJsonArray | toYaml | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/*
Where the Jobs of the release run: where its scheduler may, as on a cluster of tainted nodes they would not run at all.
Input: the root. Output: a section for kit.placement.
*/}}
{{- define "kit.jobPlacement" -}}
{{- pick .Values.scheduler "nodeSelector" "tolerations" "priorityClassName" | toYaml -}}
{{- end -}}

{{/*
Entries of a PodSpec that every pod of the release has. Input: root, component, values.
Service links are off: they would add some ten variables per Service of the namespace.
*/}}
{{- define "kit.podBasics" -}}
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "kit.placement" . | trim }}
{{ . }}
{{- end }}
{{- end -}}

{{/*
Init container that waits for the database. Input: root, role, env (the main container's, as YAML), target ("connect": it
answers; "migrated": it has the schema of this image). It bypasses the entrypoint and imports no Airflow, so it costs a fraction of a second.
*/}}
{{- define "kit.waitContainer" -}}
name: wait-for-database
image: {{ include "kit.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
command: [python3, -I, /opt/airflow/kit/wait_for_database.py, {{ .target }}]
env:
  {{- .env | nindent 2 }}
{{- with .root.Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
resources:
  requests:
    cpu: 10m
    memory: 32Mi
securityContext:
  {{- include "kit.containerSecurityContext" . | nindent 2 }}
volumeMounts:
  - name: config
    mountPath: /opt/airflow/airflow.cfg
    subPath: airflow.cfg
    readOnly: true
  {{- include "kit.scriptMounts" . | nindent 2 }}
  - name: tmp
    mountPath: /tmp
{{- end -}}

{{/* Timing of a probe. Input: a probe of the values. Output: map entries. */}}
{{- define "kit.probeTiming" -}}
periodSeconds: {{ .periodSeconds | int }}
timeoutSeconds: {{ .timeoutSeconds | int }}
failureThreshold: {{ .failureThreshold | int }}
{{- end -}}

{{/*
Probes of a component without a port: has its job written a heartbeat? Input: values, job (Airflow's job type).
Output: startupProbe and livenessProbe. The script asks the database itself; `airflow jobs check` imports Airflow, which
costs seconds of CPU each time.
*/}}
{{- define "kit.heartbeatProbes" -}}
startupProbe:
  exec:
    command: [python3, -I, /opt/airflow/kit/heartbeat.py, {{ .job }}, --strict]
  {{- include "kit.probeTiming" .values.startupProbe | nindent 2 }}
livenessProbe:
  exec:
    command: [python3, -I, /opt/airflow/kit/heartbeat.py, {{ .job }}]
  {{- include "kit.probeTiming" .values.livenessProbe | nindent 2 }}
{{- end -}}
