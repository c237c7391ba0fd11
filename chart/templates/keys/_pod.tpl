{{/* Whether the chart runs the Job that makes the keys. Input: the root. Output: "true" or nothing. */}}
{{- define "kit.makesKeys" -}}
{{- if and .Values.keys.bootstrap.enabled (not .Values.keys.existingSecret) -}}true{{- end -}}
{{- end -}}

{{/* Parts (see kit.podTemplate) of the Job that makes the keys. Input: root, component, section. Output: a YAML map. */}}
{{- define "kit.keys.parts" -}}
{{- $account := dict "root" .root "component" "keys" "values" .root.Values.keys.bootstrap -}}
user: 50000
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "kit.serviceAccountName" $account | quote }}
  # It makes one Secret by the Kubernetes API.
  automountServiceAccountToken: true
container:
  name: keys
  image: {{ include "kit.image" .root }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  command: [python3, -IS, /opt/airflow/kit/make_keys.py]
  env:
    - {name: KIT_SECRET, value: {{ include "kit.keysSecret" .root | quote }}}
    - {name: KIT_ANNOTATIONS, value: {{ include "kit.argoAnnotations" "Prune=false,Delete=false" | quote }}}
    - {name: KIT_LABELS, value: {{ include "kit.podLabels" . | fromYaml | toJson | quote }}}
    {{- if include "kit.broker.component" .root }}
    - {name: KIT_BROKER, value: "true"}
    {{- end }}
    {{- if include "kit.flower.deployed" .root }}
    - {name: KIT_FLOWER, value: "true"}
    {{- end }}
  volumeMounts:
    - {name: config, mountPath: /opt/airflow/kit, readOnly: true}
volumes:
  - name: config
    configMap:
      name: {{ include "kit.name" (dict "root" .root "component" "config") }}
{{- end -}}
