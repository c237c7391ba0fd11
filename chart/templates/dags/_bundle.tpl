{{/*
Mode bundle: Airflow's versioned git bundles. A run keeps the commit that it began with; Airflow itself clones, so there
is no sidecar. All components know the list, as the API server resolves paths of import errors with it; credentials are
files that only the readers of DAGs have.
*/}}
{{- define "kit.dags.bundle.env" -}}
- name: AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST
  value: {{ include "kit.dags.bundle.list" .root | quote }}
- {name: AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH, value: /opt/airflow/bundles}
- {name: GIT_TERMINAL_PROMPT, value: "0"}
{{- if .root.Values.dags.bundle.caBundleConfigMap }}
- {name: GIT_SSL_CAINFO, value: /opt/airflow/git-ca/ca.crt}
{{- end }}
{{- range .root.Values.dags.bundle.items }}
- name: AIRFLOW_CONN_{{ include "kit.dags.bundle.connection" . | upper }}
  value: {{ include "kit.dags.bundle.connectionBody" . | quote }}
{{- end }}
{{- include "kit.dags.bundle.helpers" .root }}
{{- end -}}

{{- define "kit.dags.bundle.volumes" -}}
{{- $bundle := .root.Values.dags.bundle -}}
{{- if $bundle.cache }}
- name: bundles
  persistentVolumeClaim:
    claimName: {{ $bundle.cache.existingClaim | default (include "kit.name" (dict "root" .root "component" "bundles")) }}
{{- else }}
- name: bundles
  emptyDir: {}
{{- end }}
{{- with $bundle.caBundleConfigMap }}
- name: git-ca
  configMap:
    name: {{ . }}
{{- end }}
{{- range $index, $item := $bundle.items }}
{{- if ne ((dig "credentials" "type" "none" $item) | toString) "none" }}
- name: git-credentials-{{ $index }}
  secret:
    secretName: {{ $item.credentials.secret }}
    # ssh refuses a key that others may read; the group is the pod's fsGroup.
    defaultMode: 0440
    items:
      {{- include "kit.dags.credentialItems" (merge (deepCopy $item.credentials) (dict "strictHostKey" true)) | nindent 6 }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "kit.dags.bundle.mounts" -}}
- name: bundles
  mountPath: /opt/airflow/bundles
{{- if .root.Values.dags.bundle.caBundleConfigMap }}
- {name: git-ca, mountPath: /opt/airflow/git-ca, readOnly: true}
{{- end }}
{{- $helper := false }}
{{- range $index, $item := .root.Values.dags.bundle.items }}
{{- $type := dig "credentials" "type" "none" $item }}
{{- if ne $type "none" }}
- {name: git-credentials-{{ $index }}, mountPath: {{ include "kit.dags.bundle.files" $item }}, readOnly: true}
{{- end }}
{{- if has $type (list "https" "github-app") }}{{- $helper = true }}{{- end }}
{{- end }}
{{- /* The credential helper; other roles have the kit's scripts anyway. */}}
{{- if and $helper (eq .role "worker") }}
- {name: config, mountPath: /opt/airflow/kit, readOnly: true}
{{- end }}
{{- end -}}

{{- define "kit.dags.bundle.longLived" -}}{{- end -}}
{{- define "kit.dags.bundle.once" -}}{{- end -}}

{{- define "kit.dags.bundle.validate" -}}
{{- $bundle := .root.Values.dags.bundle -}}
{{- if not $bundle.items }}
dags.bundle.items: mode bundle needs at least one repository, and there is no default one | dags: {mode: bundle, bundle: {items: [{name: team, repo: "https://git.example.com/team/dags.git", ref: main}]}}
{{- end }}
{{- $names := dict }}
{{- range $index, $item := $bundle.items }}
{{- $key := printf "dags.bundle.items[%d]" $index }}
{{- if or (not $item.name) (not $item.repo) }}
{{ $key }}: a bundle needs a name and a repo | {name: team, repo: "https://git.example.com/team/dags.git"}
{{- end }}
{{- /* As it stands in ids and folders: what differs by a dash only would read the other's credentials. */}}
{{- with $item.name }}
{{- $plain := include "kit.dags.bundle.connection" $item }}
{{- $other := get $names $plain }}
{{- if eq . "kit-smoke" }}
{{ $key }}.name: the kit's own smoke DAG is in a bundle named kit-smoke, and Airflow does not start with two of one name | {name: my-smoke, repo: {{ $item.repo }}}
{{- else if eq . $other }}
{{ $key }}.name: {{ . }} stands twice, and Airflow knows a bundle by its name | give each its own
{{- else if $other }}
{{ $key }}.name: {{ . }} and {{ $other }} would share the connection {{ $plain }} and the folder of their credentials; names must differ in more than case and punctuation | {name: {{ . }}-2, repo: {{ $item.repo }}}
{{- end }}
{{- $_ := set $names $plain . }}
{{- end }}
{{- include "kit.dags.validateCredentials" (dict "key" $key "repo" $item.repo "credentials" $item.credentials) }}
{{- end }}
{{- $namespace := include "kit.executorNamespace" .root }}
{{- if and $bundle.cache (ne $namespace .root.Release.Namespace) }}
{{- if not $bundle.cache.existingClaim }}
dags.bundle.cache.existingClaim: worker pods run in namespace {{ $namespace }}, where the kit's own claim does not exist | make a claim of one name in both namespaces, and set dags: {bundle: {cache: {existingClaim: NAME}}}
{{- end }}
{{- end }}
{{- end -}}
