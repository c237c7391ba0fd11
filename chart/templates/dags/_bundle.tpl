{{/*
Mode bundle: Airflow's versioned git bundles. A run keeps the commit that it began with; Airflow itself clones, so there is
no sidecar. All components have the list, because the API server resolves paths of import errors with it; credentials are
files that only the pods which read DAGs mount. Slots: input and output as kit.dags.slot says.
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
    claimName: {{ include "kit.bundlesClaim" .root | quote }}
{{- else }}
- name: bundles
  emptyDir: {{ $bundle.sizeLimit | empty | ternary dict (dict "sizeLimit" $bundle.sizeLimit) | toJson }}
{{- end }}
{{- with $bundle.caBundleConfigMap }}
- name: git-ca
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- range $index, $item := $bundle.items }}
{{- if ne ((dig "credentials" "type" "none" $item) | toString) "none" }}
- name: git-credentials-{{ $index }}
  secret:
    secretName: {{ $item.credentials.secret | quote }}
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
{{- /* The credential helper; other roles mount the kit's scripts in any case. */}}
{{- if and $helper (eq .role "worker") }}
- {name: config, mountPath: /opt/airflow/kit, readOnly: true}
{{- end }}
{{- end -}}

{{- define "kit.dags.bundle.longLived" -}}{{- end -}}
{{- define "kit.dags.bundle.once" -}}{{- end -}}
