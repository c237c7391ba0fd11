{{/* The door to Flower. Input: the root. Output: a JSON map (see kit.doors). */}}
{{- define "kit.door.flower" -}}
{{- $flower := .Values.flower -}}
{{- dict "component" "flower" "service" $flower.service "url" $flower.urlPrefix "key" "flower.urlPrefix" | toJson -}}
{{- end -}}

{{/* Path of a door that is enabled; an Ingress before an HTTPRoute. Input: root, door. Output: "" or "/prefix". */}}
{{- define "kit.doorPath" -}}
{{- $found := list -}}
{{- range list "ingress" "httpRoute" -}}
{{- $door := include "kit.door" (dict "root" $.root "kind" . "door" $.door) | fromJson -}}
{{- if $door.own.enabled -}}{{- $found = append $found (trimSuffix "/" $door.path) -}}{{- end -}}
{{- end -}}
{{- with first $found -}}{{- . -}}{{- end -}}
{{- end -}}
