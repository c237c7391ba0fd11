{{/* Parts of the pod of the scheduler. Input: as for kit.airflow.parts. Output: a YAML map. */}}
{{- define "kit.scheduler.parts" -}}{{- include "kit.airflow.parts" . -}}{{- end -}}

{{/* Main container of the scheduler. Input: the root. Output: map entries of a container. */}}
{{- define "kit.scheduler.container" -}}
args:
  - airflow
  - scheduler
  {{- if ge (int .Values.scheduler.numRuns) 0 }}
  - --num-runs
  - {{ .Values.scheduler.numRuns | int | quote }}
  {{- end }}
ports:
  - name: health
    containerPort: 8974
  {{- if include "kit.runsTasks" (dict "root" . "role" "scheduler") }}
  - name: logs
    containerPort: 8793
  {{- end }}
# The scheduler's own health server ([scheduler] enable_health_check): a request costs a hundredth of starting a script.
startupProbe:
  httpGet: {path: /health, port: health}
  {{- include "kit.probeTiming" .Values.scheduler.startupProbe | nindent 2 }}
livenessProbe:
  httpGet: {path: /health, port: health}
  {{- include "kit.probeTiming" .Values.scheduler.livenessProbe | nindent 2 }}
{{- if include "kit.hasExecutor" (dict "root" . "executor" "KubernetesExecutor") }}
volumeMounts:
  - name: pod-templates
    mountPath: /opt/airflow/pod_templates
    readOnly: true
{{- end }}
{{- end -}}

{{/*
Pod of the scheduler: with the KubernetesExecutor it launches worker pods, with the LocalExecutor its tasks may launch pods.
Input: the root. Output: map entries of a PodSpec.
*/}}
{{- define "kit.scheduler.pod" -}}
{{- if include "kit.hasExecutor" (dict "root" . "executor" "KubernetesExecutor") -}}
annotations:
  # The kubelet takes up to a minute to renew mounted files, and a run in between would use the old template. So a new one
  # replaces the scheduler; tasks go on meanwhile, and the new scheduler adopts their pods.
  checksum/pod-templates: {{ include "kit.workers.templates" . | sha256sum | trunc 16 }}
automountServiceAccountToken: true
volumes:
  - name: pod-templates
    configMap:
      name: {{ include "kit.name" (dict "root" . "component" "pod-templates") }}
{{- else -}}
automountServiceAccountToken: {{ .Values.workers.podOperatorRights }}
{{- end -}}
{{- end -}}
