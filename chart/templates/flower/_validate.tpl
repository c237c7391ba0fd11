{{/* Rules of Flower, where it is enabled. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.flower" -}}
{{- $flower := .root.Values.flower -}}
{{- if $flower.enabled -}}
{{- if not (include "kit.broker.needed" .root) -}}
{{- include "kit.problem" (dict "to" .to "id" "flower-without-celery"
  "what" (printf "flower.enabled is true, but executors is [%s]" (join ", " .root.Values.executors))
  "why" "Flower shows Celery workers, and a release without the CeleryExecutor has none."
  "paste" (list "executors: [CeleryExecutor]" "# or" "flower:" "  enabled: false")) -}}
{{- end -}}
{{- if not (regexMatch "^(/?|/[-A-Za-z0-9._~]+(/[-A-Za-z0-9._~]+)*/?)$" $flower.urlPrefix) -}}
{{- include "kit.problem" (dict "to" .to "id" "flower-prefix-invalid"
  "what" (printf "flower.urlPrefix %q is not a path" $flower.urlPrefix)
  "why" "It must start with / and contain only letters, digits and the characters - . _ ~ between slashes."
  "paste" "flower:\n  urlPrefix: /flower") -}}
{{- end -}}
{{- if not (regexMatch "^[^:[:cntrl:]]+$" $flower.username) -}}
{{- include "kit.problem" (dict "to" .to "id" "flower-username-invalid"
  "what" (printf "flower.username %q is not a name that can log in" $flower.username)
  "why" "Browsers send it with a colon behind it, so it must not contain one, and must not be empty."
  "paste" "flower:\n  username: admin") -}}
{{- end -}}
{{- include "kit.validate.service" (dict "to" .to "section" "flower" "service" $flower.service) -}}
{{- if and $flower.service.nodePort (eq (int $flower.service.nodePort) (int .root.Values.apiServer.service.nodePort)) -}}
{{- include "kit.problem" (dict "to" .to "id" "node-port-twice"
  "what" (printf "apiServer.service.nodePort and flower.service.nodePort are both %d" (int $flower.service.nodePort))
  "why" "A port of the nodes belongs to one Service; Kubernetes refuses the second one."
  "paste" "flower:\n  service:\n    nodePort: 0    # Kubernetes chooses one") -}}
{{- end -}}
{{- end -}}
{{- end -}}
