{{/*
Where the triggerer finds Kubernetes, for triggers without a connection of their own. Input: root, role. Output: YAML list
entries.
*/}}
{{- define "kit.env.kubeconfig" -}}
{{- if and (eq .role "triggerer") .root.Values.workers.podOperatorRights -}}
- {name: KUBECONFIG, value: /opt/airflow/kube/kubeconfig}
{{- end -}}
{{- end -}}
