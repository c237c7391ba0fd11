{{/* Warnings and notes that an install prints: what works but may hurt later. Input: the root. Output: text, or nothing. */}}
{{- define "kit.warnings" -}}
{{- $v := .Values -}}
{{- if and (not $v.logs.persistence.enabled) (not $v.logs.remote.enabled) }}
WARNING: task logs are lost when a worker pod is deleted, because logs.persistence.enabled and logs.remote.enabled are false.
  To keep logs:  --set logs.persistence.enabled=true
{{- end }}
{{- if and (gt (int $v.scheduler.replicas) 1) (include "kit.hasExecutor" (dict "root" . "executor" "KubernetesExecutor")) }}
WARNING: scheduler.replicas is {{ int $v.scheduler.replicas }}: two schedulers with the KubernetesExecutor have launched a task twice
  (apache/airflow#57618). A single scheduler recovers within a minute:  --set scheduler.replicas=1
{{- end }}
{{- if not $v.triggerer.enabled }}
WARNING: triggerer.enabled is false, so deferred tasks never resume.
{{- end }}
{{- if $v.postgres.enabled }}
Note: PostgreSQL is part of the release, which suits laptops and small teams. It has one replica. Back it up, or use an
  external database (database.host).
{{- end }}
{{- if not (or $v.keys.existingSecret $v.keys.bootstrap.enabled) }}
Note: keys.bootstrap.enabled is false, so pods start only once the Secret {{ include "kit.keysSecret" . }} exists (kitctl creates it).
{{- end }}
{{- end -}}
