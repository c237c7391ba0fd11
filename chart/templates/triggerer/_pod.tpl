{{/* Parts of the pod of the triggerer. Input: as for kit.airflow.parts. Output: a YAML map. */}}
{{- define "kit.triggerer.parts" -}}{{- include "kit.airflow.parts" . -}}{{- end -}}

{{/* Main container of the triggerer. Input: the root. Output: map entries of a container. */}}
{{- define "kit.triggerer.container" -}}
args: [airflow, triggerer, --capacity, {{ .Values.triggerer.capacity | int | quote }}]
ports:
  - name: logs
    containerPort: 8794
{{ include "kit.heartbeatProbes" (dict "values" .Values.triggerer "job" "TriggererJob") }}
{{- if .Values.workers.podOperatorRights }}
volumeMounts:
  - {name: kubeconfig, mountPath: /opt/airflow/kube, readOnly: true}
{{- end }}
{{- end -}}

{{/*
Pod of the triggerer: it watches the pods of deferred tasks that launch some. Input: the root. Output: map entries of a PodSpec.
*/}}
{{- define "kit.triggerer.pod" -}}
automountServiceAccountToken: {{ .Values.workers.podOperatorRights }}
{{- if .Values.workers.podOperatorRights }}
volumes:
  - name: kubeconfig
    configMap:
      name: {{ include "kit.name" (dict "root" . "component" "triggerer") }}
{{- end }}
{{- end -}}
