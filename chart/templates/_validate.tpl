{{/*
Every rule between keys. The rules of a folder stand in its own _validate.tpl as kit.validate.<folder>, those of a DAG mode
beside the mode. This ends the render with all problems at once, each with a stable id in brackets, the key, the reason
and something to paste; kitctl reads them from `helm template` before it touches a cluster.
Input: the root. Output: nothing.
*/}}
{{- define "kit.validate" -}}
{{- $problems := dict -}}
{{- range list
  "release" "pods" "env" "extension" "config" "postgres" "pgbouncer" "broker" "migrate" "logs" "auth" "api-server" "doors" "scheduler"
  "workers" "celery" "flower" "dags" "clean-logs" "clean-db" "clean-pods" "objects" -}}
{{- $_ := include (printf "kit.validate.%s" .) (dict "root" $ "to" $problems) -}}
{{- end -}}
{{- with $problems.found -}}
{{- fail (printf "\n\n%s\n" (join "\n\n" .)) -}}
{{- end -}}
{{- end -}}
