{{/* Parts (see kit.podTemplate) of the CronJob that deletes finished worker pods. Input: root, component, section. Output: a YAML map. */}}
{{- define "kit.clean-pods.parts" -}}
{{- $values := .root.Values.workers.cleanup -}}
{{- $command := list "/opt/airflow/kit/clean_worker_pods.py" "--minutes" (int $values.minAgeMinutes | toString) -}}
{{- if not .root.Values.workers.deletePodsOnFailure -}}{{- $command = append $command "--keep-failed" -}}{{- end -}}
user: 50000
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "kit.serviceAccountName" (merge (dict "values" $values) .) | quote }}
  # It lists and deletes pods by the Kubernetes API.
  automountServiceAccountToken: true
container:
  {{- include "kit.cronJob.script" (merge (dict "command" $command) .) | nindent 2 }}
  env:
    - {name: KIT_NAMESPACE, value: {{ include "kit.executorNamespace" .root | quote }}}
    - {name: KIT_SELECTOR, value: {{ include "kit.clean-pods.selector" .root | quote }}}
  volumeMounts:
    - {name: config, mountPath: /opt/airflow/kit, readOnly: true}
volumes:
  - name: config
    configMap:
      name: {{ include "kit.name" (dict "root" .root "component" "config") }}
{{- end -}}

{{/*
Selector of the worker pods of this release that the executor made. A pod of KubernetesPodOperator that was made from a profile has
their labels too, but also one of its operator's. Input: the root. Output: text.
*/}}
{{- define "kit.clean-pods.selector" -}}
{{- $labels := set (include "kit.selector" (dict "root" . "component" "worker") | fromJson) "kubernetes_executor" "True" -}}
{{- $parts := list -}}
{{- range $name, $value := $labels -}}{{- $parts = append $parts (printf "%s=%s" $name $value) -}}{{- end -}}
{{- append $parts "!kubernetes_pod_operator" | join "," -}}
{{- end -}}
