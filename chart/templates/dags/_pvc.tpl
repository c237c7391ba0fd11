{{/* Mode pvc: a claim, mounted read-only: nobody but `kitctl dags push` writes to it. */}}
{{- define "kit.dags.pvc.env" -}}{{- end -}}

{{- define "kit.dags.pvc.volumes" -}}
- name: dags
  persistentVolumeClaim:
    claimName: {{ include "kit.dagsClaim" .root }}
{{- end -}}

{{- define "kit.dags.pvc.mounts" -}}
- name: dags
  mountPath: {{ .root.Values.dags.path }}
  readOnly: true
  {{- with .root.Values.dags.pvc.subPath }}
  subPath: {{ . | quote }}
  {{- end }}
{{- end -}}

{{- define "kit.dags.pvc.longLived" -}}{{- end -}}
{{- define "kit.dags.pvc.once" -}}{{- end -}}

{{- define "kit.dags.pvc.validate" -}}
{{- $namespace := include "kit.executorNamespace" .root -}}
{{- if and (ne $namespace .root.Release.Namespace) (not .root.Values.dags.pvc.existingClaim) }}
dags.pvc.existingClaim: worker pods run in namespace {{ $namespace }}, where the kit's own claim does not exist | make a claim of one name in both namespaces, and set dags: {pvc: {existingClaim: NAME}}
{{- end }}
{{- end -}}

{{/* Claim of the DAGs. Input: the root. */}}
{{- define "kit.dagsClaim" -}}
{{- .Values.dags.pvc.existingClaim | default (include "kit.name" (dict "root" . "component" "dags")) -}}
{{- end -}}
