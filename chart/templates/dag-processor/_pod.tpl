{{/* Parts of the pod of the DAG processor. Input: as for kit.airflow.parts. Output: a YAML map. */}}
{{- define "kit.dag-processor.parts" -}}{{- include "kit.airflow.parts" . -}}{{- end -}}

{{/* Main container of the DAG processor. Input: the root. Output: map entries of a container. */}}
{{- define "kit.dag-processor.container" -}}
args: [airflow, dag-processor]
{{ include "kit.heartbeatProbes" (dict "values" .Values.dagProcessor "job" "DagProcessorJob") }}
{{- end -}}

{{/* Pod of the DAG processor: nothing of its own. Input: the root. Output: map entries of a PodSpec. */}}
{{- define "kit.dag-processor.pod" -}}{}{{- end -}}
