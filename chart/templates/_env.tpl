{{/*
Environment of an Airflow container: facts of the release, then values.config, the DAG mode, values.env, and the
container's own. A later entry replaces an earlier one of the same name, so the list never names a variable twice.
Each subject is one file, env/_<subject>.tpl, and each executor is one, env/_<Executor>.tpl. Policy that is the same in
every release stands in airflow.cfg, not here.
Input: root, role (api-server, scheduler, dag-processor, triggerer, worker, migrate); optional env (more entries).
Output: a YAML list.
*/}}
{{- define "kit.env" -}}
{{- $entries := include "kit.env.facts" . | fromYamlArray -}}
{{- $entries = concat $entries (include "kit.env.config" . | fromYamlArray) -}}
{{- $entries = concat $entries (include "kit.dags.slot" (dict "root" .root "slot" "env" "role" .role) | fromJsonArray) -}}
{{- $entries = concat $entries .root.Values.env (.env | default list) -}}
{{- $byName := dict -}}
{{- $names := list -}}
{{- range $entries -}}
{{- $names = append $names .name -}}
{{- $_ := set $byName .name . -}}
{{- end -}}
{{- $result := list -}}
{{- range uniq $names -}}
{{- $result = append $result (get $byName .) -}}
{{- end -}}
{{- toYaml $result -}}
{{- end -}}

{{/* Facts of the release. The order matters: a new one restarts every pod. Input: root, role. Output: a YAML list. */}}
{{- define "kit.env.facts" -}}
{{ include "kit.env.release" .root }}
{{ include "kit.env.auth" . }}
{{- if eq .role "api-server" }}
{{ include "kit.env.proxies" .root }}
{{- end }}
{{ include "kit.env.remoteLogs" . }}
{{ include "kit.env.executors" . }}
{{- if ne .role "worker" }}
{{ include "kit.env.database" . }}
{{ include "kit.env.keys" . }}
{{- end }}
{{- if eq .role "api-server" }}
{{ include "kit.env.databasePool" .root }}
{{- end }}
{{ include "kit.env.logServer" . }}
{{ include "kit.env.kubeconfig" . }}
{{ include "kit.env.policy" . }}
{{- end -}}
