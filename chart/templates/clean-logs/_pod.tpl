{{/*
Parts (see kit.podTemplate) of the CronJob that deletes old logs from the claim. It mounts the claim at a path, and as a volume,
that no other pod has: volumes and mounts of the user's that replace those of the logs in every pod would put other files there.
Input: root, component, section. Output: a YAML map.
*/}}
{{- define "kit.clean-logs.parts" -}}
{{- $values := .root.Values.logs.persistence.retention -}}
user: 50000
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "kit.serviceAccountName" (merge (dict "values" $values) .) | quote }}
  automountServiceAccountToken: false
container:
  {{- $command := concat (list "/opt/airflow/kit/clean_logs.py") (include "kit.clean-logs.args" .root | fromJsonArray) }}
  {{- include "kit.cronJob.script" (merge (dict "command" $command) .) | nindent 2 }}
  volumeMounts:
    - {name: config, mountPath: /opt/airflow/kit, readOnly: true}
    - name: log-claim
      mountPath: /mnt/logs
      {{- with .root.Values.logs.persistence.subPath }}
      subPath: {{ . | quote }}
      {{- end }}
volumes:
  - name: config
    configMap:
      name: {{ include "kit.name" (dict "root" .root "component" "config") }}
  - name: log-claim
    persistentVolumeClaim:
      claimName: {{ include "kit.logsClaim" .root | quote }}
{{- end -}}

{{/* Arguments of clean_logs.py. Input: the root. Output: a JSON list. */}}
{{- define "kit.clean-logs.args" -}}
{{- $args := list "/mnt/logs" -}}
{{- with .Values.logs.persistence.retention.days -}}{{- $args = concat $args (list "--days" (int . | toString)) -}}{{- end -}}
{{- with include "kit.clean-logs.bytes" . -}}{{- $args = concat $args (list "--max-bytes" .) -}}{{- end -}}
{{- toJson $args -}}
{{- end -}}

{{/* Bytes that the logs may take: maxSize, else four fifths of the chart's claim. Input: the root. Output: a number, or nothing. */}}
{{- define "kit.clean-logs.bytes" -}}
{{- $logs := .Values.logs.persistence -}}
{{- if $logs.retention.maxSize -}}
{{- include "kit.quantity" $logs.retention.maxSize | float64 | int64 -}}
{{- else if not $logs.existingClaim -}}
{{- mulf 0.8 (include "kit.quantity" $logs.size | float64) | int64 -}}
{{- end -}}
{{- end -}}

{{/*
Affinity to the pods that have the claim mounted all the time: a claim for one node keeps all others in ContainerCreating. It is no
condition, or the CronJob could not run while the API server has no pod. Input: the root. Output: JSON of an affinity, or {}.
*/}}
{{- define "kit.clean-logs.affinity" -}}
{{- if has .Values.logs.persistence.accessMode (list "ReadWriteOnce" "ReadWriteOncePod") -}}
{{- $labels := include "kit.selector" (dict "root" . "component" "api-server") | fromJson -}}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" $labels) -}}
{{- $preferred := list (dict "weight" 100 "podAffinityTerm" $term) -}}
{{- dict "podAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" $preferred) | toJson -}}
{{- else -}}
{}
{{- end -}}
{{- end -}}
