{{/*
The pod templates that the scheduler reads: the worker pod, one for each profile, and those of the user. The answer is kept in
the root, since the scheduler's checksum needs it, too, and `tpl` takes long. Input: the root. Output: a YAML map from file name
to text.
*/}}
{{- define "kit.workers.templates" -}}
{{- if not (hasKey . "kitWorkerTemplates") -}}
{{- $_ := set . "kitWorkerTemplates" (include "kit.workers.templatesText" .) -}}
{{- end -}}
{{- .kitWorkerTemplates -}}
{{- end -}}

{{/* The same, made anew. Input: the root. Output: a YAML map. */}}
{{- define "kit.workers.templatesText" -}}
{{- $pod := include "kit.workers.pod" . | fromJson -}}
default.yaml: |
  {{- toYaml $pod | nindent 2 }}
{{- range $name, $profile := .Values.workers.profiles }}
{{ $name }}.yaml: |
  {{- $whole := include "kit.workers.profile" (dict "pod" $pod "profile" $profile) | fromJson }}
  {{- $in := dict "where" (printf "workers.profiles.%s" $name) "spec" $whole.spec }}
  {{- include "kit.validate.workerPodFields" $in }}
  {{- /* Of these, kit.validate.pods tells. */}}
  {{- if not (include "kit.resources.below" $.Values.workers.resources) }}{{ include "kit.validate.workerPodLimits" $in }}{{ end }}
  {{- toYaml $whole | nindent 2 }}
{{- end }}
{{- range $name, $text := .Values.workers.templates }}
{{ $name }}.yaml: |
  {{- $where := printf "workers.templates.%s" $name }}
  {{- $whole := include "kit.workers.read" (dict "text" (tpl $text $) "where" $where) | fromJson }}
  {{- include "kit.validate.workerPodLimits" (dict "where" $where "spec" $whole.spec) }}
  {{- toYaml $whole | nindent 2 }}
{{- end }}
{{- end -}}
