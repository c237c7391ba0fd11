{{/* Rules of the task logs. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.logs" -}}
{{- $remote := .root.Values.logs.remote -}}
{{- if and $remote.enabled (not $remote.folder) -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-folder-empty"
  "what" "logs.remote.folder is empty while logs.remote.enabled is true"
  "why" "Airflow would have no place to upload logs to, and would report that only in the log of each task."
  "paste" "logs:\n  remote:\n    enabled: true\n    folder: s3://my-bucket/logs\n    connection: aws_default") -}}
{{- else if and $remote.enabled (not (regexMatch "^(wasb|[a-z][a-z0-9+.-]*://)" $remote.folder)) -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-folder-scheme"
  "what" (printf "logs.remote.folder has no scheme: %s" $remote.folder)
  "why" "Airflow chooses the storage by the scheme; without one it has no place to upload logs to."
  "paste" (printf "logs:\n  remote:\n    enabled: true\n    folder: s3://%s  # or gs://; Azure: wasb-…" $remote.folder)) -}}
{{- end -}}
{{- end -}}
