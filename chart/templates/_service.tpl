{{/*
Service of a component that answers browsers. Input: root, component, service (its section of the values). Output: an object.
*/}}
{{- define "kit.service" -}}
{{- $service := .service -}}
apiVersion: v1
kind: Service
metadata:
  {{- /* A NodePort is the user's explicit choice, the local profile's for instance. */}}
  {{- $ignore := eq $service.type "NodePort" | ternary (dict "kube-score/ignore" "service-type") dict }}
  {{- $annotations := merge $ignore $service.annotations }}
  {{- include "kit.metadata" (dict "root" .root "component" .component "annotations" $annotations) | nindent 2 }}
spec:
  type: {{ $service.type }}
  {{- with include "kit.serviceFamilies" $service }}
  {{- . | nindent 2 }}
  {{- end }}
  selector:
    {{- include "kit.selectorLabels" . | nindent 4 }}
  ports:
    - name: http
      port: {{ $service.port | int }}
      targetPort: http
      {{- with $service.nodePort }}
      nodePort: {{ . | int }}
      {{- end }}
{{- end -}}

{{/* IP families of a Service. Input: a section with ipFamilyPolicy and ipFamilies. Output: map entries of a ServiceSpec, or nothing. */}}
{{- define "kit.serviceFamilies" -}}
{{- with .ipFamilyPolicy -}}
ipFamilyPolicy: {{ . }}
{{ end }}
{{- with .ipFamilies -}}
ipFamilies: {{ toJson . }}
{{- end -}}
{{- end -}}
