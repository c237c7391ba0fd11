{{/* IP families of a Service. Input: a section with ipFamilyPolicy and ipFamilies. Output: map entries of a ServiceSpec, or nothing. */}}
{{- define "kit.serviceFamilies" -}}
{{- with .ipFamilyPolicy -}}
ipFamilyPolicy: {{ . }}
{{ end }}
{{- with .ipFamilies -}}
ipFamilies: {{ toJson . }}
{{- end -}}
{{- end -}}

{{/*
A Service that people reach: all fields of its section that are not empty. The port of its pods is named http.
Input: root, component, service (its section of the values). Output: a Service.
*/}}
{{- define "kit.service" -}}
{{- $service := .service -}}
{{- /* A NodePort is the user's explicit choice, the local profile's for instance. */ -}}
{{- $ignore := eq $service.type "NodePort" | ternary (dict "kube-score/ignore" "service-type") dict -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "kit.openMetadata" (merge (dict "section" $service "annotations" $ignore) .) | nindent 2 }}
spec:
  type: {{ $service.type }}
  {{- with include "kit.serviceFamilies" $service }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- $fields := list "clusterIP" "loadBalancerClass" "loadBalancerIP" "loadBalancerSourceRanges" }}
  {{- range $name := concat $fields (list "externalTrafficPolicy" "internalTrafficPolicy" "sessionAffinity") }}
  {{- with get $service $name }}
  {{ $name }}: {{ toJson . }}
  {{- end }}
  {{- end }}
  selector:
    {{- include "kit.selectorLabels" (dict "root" .root "component" .component) | nindent 4 }}
  ports:
    - name: http
      port: {{ $service.port | int }}
      targetPort: http
      {{- with $service.nodePort }}
      nodePort: {{ . | int }}
      {{- end }}
{{- end -}}
