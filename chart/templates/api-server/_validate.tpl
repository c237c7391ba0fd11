{{/* Rules of the API server. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.api-server" -}}
{{- $service := .root.Values.apiServer.service -}}
{{- if and $service.nodePort (ne $service.type "NodePort") (ne $service.type "LoadBalancer") -}}
{{- include "kit.problem" (dict "to" .to "id" "node-port-without-type"
  "what" "apiServer.service.nodePort is set, but apiServer.service.type is ClusterIP"
  "why" "Kubernetes refuses a nodePort on a Service of type ClusterIP."
  "paste" (printf "apiServer:\n  service:\n    type: NodePort\n    nodePort: %d" (int $service.nodePort))) -}}
{{- end -}}
{{- $url := .root.Values.apiServer.baseUrl -}}
{{- if and $url (not (regexMatch "^https?://[^/]+(/.*)?$" $url)) -}}
{{- include "kit.problem" (dict "to" .to "id" "base-url-incomplete" "what" (printf "apiServer.baseUrl %q is not a complete URL" $url)
  "why" "It must be the address that users open in the browser, with http:// or https://."
  "paste" "apiServer:\n  baseUrl: https://airflow.example.com/prefix") -}}
{{- end -}}
{{- end -}}
