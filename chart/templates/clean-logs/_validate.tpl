{{/* Rules of the retention of logs. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.clean-logs" -}}
{{- $logs := .root.Values.logs.persistence -}}
{{- $retention := $logs.retention -}}
{{- include "kit.validate.schedule" (dict "to" .to "key" "logs.persistence.retention" "section" $retention) -}}
{{- if and (eq (toString $retention.enabled) "true") (not $logs.enabled) -}}
{{- include "kit.problem" (dict "to" .to "id" "retention-without-claim"
  "what" "logs.persistence.retention.enabled is true, but logs.persistence.enabled is false"
  "why" "It deletes logs from the claim, and there is none. For an object store, set its own rule for the life of objects."
  "paste" "logs:\n  persistence:\n    retention:\n      enabled: false") -}}
{{- end -}}
{{- if include "kit.cleans" (dict "root" .root "component" "clean-logs") -}}
{{- $bytes := include "kit.clean-logs.bytes" .root -}}
{{- if not (or $retention.days $bytes) -}}
{{- include "kit.problem" (dict "to" .to "id" "retention-without-limit"
  "what" "logs.persistence.retention is enabled, and has neither days nor maxSize"
  "why" "It would delete nothing. The size of an existing claim is not known to the chart, so its limit must be set."
  "paste" "logs:\n  persistence:\n    retention:\n      days: 365\n      maxSize: 40Gi") -}}
{{- end -}}
{{- $own := and $retention.maxSize (not $logs.existingClaim) -}}
{{- if and $own (gt ($bytes | float64) (include "kit.quantity" $logs.size | float64)) -}}
{{- include "kit.problem" (dict "to" .to "id" "retention-larger-than-claim"
  "what" (printf "logs.persistence.retention.maxSize is %s, more than the %s of the claim" $retention.maxSize $logs.size)
  "why" "The claim would be full, and lose new logs, before old ones are deleted."
  "paste" (list "logs:" "  persistence:" (printf "    size: %s" $logs.size) "    retention:"
    "      maxSize: \"\"  # 80 % of size")) -}}
{{- end -}}
{{- if $logs.existingClaim -}}{{- include "kit.validate.logsFolder" . -}}{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Refuses to clean a folder that another release cleans too: the shorter retention would win, and each cap would count the logs of
both. Only a cluster can tell; without one, as with `helm template`, nothing is found. Input: root, to. Output: nothing.
*/}}
{{- define "kit.validate.logsFolder" -}}
{{- $to := .to -}}
{{- $root := .root -}}
{{- $claim := include "kit.logsClaim" .root -}}
{{- $mine := printf "/%s/" (trimAll "/" .root.Values.logs.persistence.subPath) | replace "//" "/" -}}
{{- range (lookup "batch/v1" "CronJob" .root.Release.Namespace "").items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $cleaner := eq (get $labels "app.kubernetes.io/component" | toString) "clean-logs" -}}
{{- $other := get $labels "app.kubernetes.io/instance" | toString -}}
{{- if and $cleaner (eq (get $labels "app.kubernetes.io/part-of" | toString) "airflow-kit") (ne $other $root.Release.Name) -}}
{{- $theirs := include "kit.validate.cleanedFolder" (dict "spec" .spec.jobTemplate.spec.template.spec "claim" $claim) -}}
{{- if and $theirs (or (hasPrefix $mine $theirs) (hasPrefix $theirs $mine)) -}}
{{- include "kit.problem" (dict "to" $to "id" "logs-folder-shared"
  "what" (printf "The release %s already deletes old logs from the folder %s of the claim %s" $other $theirs $claim)
  "why" "Each release would delete logs of the other. Give this one a folder of its own, or leave the cleaning to the other."
  "paste" (list "logs:" "  persistence:" (printf "    subPath: %s" $root.Release.Name))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Folder of a claim that a CronJob cleans. Input: spec (its PodSpec), claim. Output: "/" or "/folder/"; nothing for other claims. */}}
{{- define "kit.validate.cleanedFolder" -}}
{{- $folder := "" -}}
{{- range .spec.volumes -}}
{{- if and (eq .name "log-claim") (eq (.persistentVolumeClaim | default dict).claimName $.claim) -}}
{{- range (first $.spec.containers).volumeMounts -}}
{{- if eq .name "log-claim" -}}{{- $folder = printf "/%s/" (trimAll "/" (.subPath | default "")) | replace "//" "/" -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $folder -}}
{{- end -}}
