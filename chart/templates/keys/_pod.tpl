{{/* Whether the chart runs the Job that makes the keys. Input: the root. Output: "true" or nothing. */}}
{{- define "kit.makesKeys" -}}
{{- if and .Values.keys.bootstrap.enabled (not .Values.keys.existingSecret) -}}true{{- end -}}
{{- end -}}

{{/*
Pod template of the Job that makes the keys. The Job's name is a hash of this text: any change of it, even of a comment,
runs the Job again at the next upgrade. Input: the root. Output: map entries of a PodTemplateSpec.
*/}}
{{- define "kit.keys.podTemplate" -}}
{{- $of := dict "root" . "component" "keys" "values" (include "kit.jobPlacement" . | fromYaml) -}}
metadata:
  labels:
    {{- include "kit.podLabels" $of | nindent 4 }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "kit.name" $of }}
  # It makes one Secret by the Kubernetes API.
  automountServiceAccountToken: true
  securityContext:
    {{- include "kit.podSecurityContext" . | nindent 4 }}
  {{- include "kit.podBasics" $of | nindent 2 }}
  containers:
    - name: keys
      image: {{ include "kit.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command: [python3, -IS, /opt/airflow/kit/make_keys.py]
      env:
        - {name: KIT_SECRET, value: {{ include "kit.keysSecret" . | quote }}}
        - {name: KIT_LABELS, value: {{ include "kit.podLabels" $of | fromYaml | toJson | quote }}}
      resources:
        {{- toYaml .Values.keys.bootstrap.resources | nindent 8 }}
      securityContext:
        {{- include "kit.containerSecurityContext" . | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /opt/airflow/kit, readOnly: true}
  volumes:
    - name: config
      configMap:
        name: {{ include "kit.name" (dict "root" . "component" "config") }}
{{- end -}}
