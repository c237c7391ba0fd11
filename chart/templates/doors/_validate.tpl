{{/* Rules of Ingresses and HTTPRoutes. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.doors" -}}
{{- $open := list -}}
{{- range $kind := list "ingress" "httpRoute" -}}
{{- range include "kit.doors" $.root | fromJsonArray -}}
{{- $door := include "kit.door" (dict "root" $.root "kind" $kind "door" .) | fromJson -}}
{{- if $door.own.enabled -}}
{{- $open = append $open $door -}}
{{- $of := dict "root" $.root "to" $.to "door" $door -}}
{{- if eq . "flower" -}}{{- include "kit.validate.flowerDoor" $of -}}{{- end -}}
{{- include "kit.validate.doorHosts" $of -}}
{{- include "kit.validate.doorAddress" $of -}}
{{- include (printf "kit.validate.%s" $kind) $of -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $_ := include "kit.validate.doorsApart" (dict "doors" $open "to" .to) -}}
{{- end -}}

{{/* Hosts that are missing, or listed twice. Input: root, to, door. Output: nothing. */}}
{{- define "kit.validate.doorHosts" -}}
{{- $door := .door -}}
{{- $key := printf "%s.%s" $door.at (hasPrefix "ingress" $door.at | ternary "hosts" "hostnames") -}}
{{- if ne (uniq $door.hosts | len) (len $door.hosts) -}}
{{- include "kit.problem" (dict "to" .to "id" "host-twice" "what" (printf "%s lists a host twice: %s" $key (join ", " $door.hosts))
  "why" "Controllers refuse such an object, or ignore a part of it."
  "paste" (include "kit.nested" (dict "key" $key "value" (uniq $door.hosts)))) -}}
{{- end -}}
{{- if not (or (include "kit.baseUrl" .root) (and $door.hosts (ne $door.component "api-server"))) -}}
{{- include "kit.problem" (dict "to" .to "id" "host-missing" "what" (printf "%s is enabled, but nothing tells the host of the UI" $door.at)
  "why" (list "Links and redirects begin with the public address of the UI: the first host, which must not be a wildcard, or"
    "apiServer.baseUrl, which may have an IP address.")
  "paste" (include "kit.nested" (dict "key" $key "value" (list "airflow.example.com")))) -}}
{{- end -}}
{{- end -}}

{{/* Two doors that serve the same path of the same host. Input: doors (see kit.door), to. Output: nothing. */}}
{{- define "kit.validate.doorsApart" -}}
{{- $served := dict -}}
{{- range $door := .doors -}}
{{- range $door.hosts -}}
{{- $place := printf "%s%s" . $door.path -}}
{{- $other := get $served $place -}}
{{- if and $other (ne $other.component $door.component) -}}
{{- include "kit.problem" (dict "to" $.to "id" "host-twice"
  "what" (printf "%s and %s serve the same address, %s" $other.at $door.at $place)
  "why" "A controller sends each request to one Service only."
  "paste" (include "kit.nested" (dict "key" (printf "%s.path" $door.at) "value" (printf "/%s" $door.component)))) -}}
{{- end -}}
{{- $_ := set $served $place $door -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Rules that only an Ingress has. Input: root, to, door. Output: nothing. */}}
{{- define "kit.validate.ingress" -}}
{{- $door := .door -}}
{{- range $entry := $door.own.tls -}}
{{- range .hosts -}}
{{- if not (include "kit.hostMatches" (dict "host" . "hosts" $door.hosts)) -}}
{{- include "kit.problem" (dict "to" $.to "id" "ingress-tls-host-unknown"
  "what" (printf "%s.tls has a certificate for %s, which is no host of the Ingress (%s)" $door.at . (join ", " $door.hosts))
  "why" "The certificate would never be used. Without hosts, an entry covers all hosts of the Ingress."
  "paste" (include "kit.nested" (dict "key" (printf "%s.tls" $door.at) "value" (list (pick $entry "secretName"))))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := $door.own.annotations -}}
{{- if hasSuffix "/rewrite-target" $name -}}
{{- include "kit.problem" (dict "to" $.to "id" "door-rewrites"
  "what" (printf "%s.annotations has %s" $door.at $name)
  "why" (printf "Airflow answers below %s by itself. With the rewrite, every request would open the same page." $door.path)
  "paste" (printf "Remove %s, and set the path instead:\n%s" $name
    (include "kit.nested" (dict "key" (printf "%s.path" $door.at) "value" $door.path)))) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Rules that only an HTTPRoute has. Input: root, to, door. Output: nothing. */}}
{{- define "kit.validate.httpRoute" -}}
{{- $door := .door -}}
{{- if not $door.own.parentRefs -}}
{{- include "kit.problem" (dict "to" .to "id" "route-without-gateway" "what" (printf "%s is enabled, but has no parentRefs" $door.at)
  "why" "An HTTPRoute has an effect only once a Gateway serves it."
  "paste" (include "kit.nested" (dict "key" (printf "%s.parentRefs" $door.at) "value" (list (dict "name" "my-gateway"))))) -}}
{{- end -}}
{{- range $door.own.filters -}}
{{- if and (eq .type "URLRewrite") (get (.urlRewrite | default dict) "path") -}}
{{- include "kit.problem" (dict "to" $.to "id" "door-rewrites" "what" (printf "%s.filters rewrites the path" $door.at)
  "why" (printf "Airflow answers below %s by itself, so it must get the path as the browser sent it." $door.path)
  "paste" (include "kit.nested" (dict "key" (printf "%s.path" $door.at) "value" $door.path))) -}}
{{- end -}}
{{- if eq .type "RequestRedirect" -}}
{{- include "kit.problem" (dict "to" $.to "id" "route-redirects" "what" (printf "%s.filters redirects every request" $door.at)
  "why" (list "The route sends requests to a Service, and the Gateway API refuses a rule that does both."
    "A redirect from http to https is a route of its own, on the listener for http.")
  "paste" (list "extraObjects:" "  - apiVersion: gateway.networking.k8s.io/v1" "    kind: HTTPRoute"
    "    metadata:" "      name: airflow-to-https" "    spec:"
    "      parentRefs:    # the listener for http; that of the other route is the listener for https"
    (printf "        - %s" (set (pick ($door.own.parentRefs | first | default dict) "name" "namespace") "sectionName" "http" | toJson))
    "      rules:" "        - filters:" "            - type: RequestRedirect"
    "              requestRedirect: {scheme: https, statusCode: 301}")) -}}
{{- end -}}
{{- end -}}
{{- /* Only a cluster lists kinds; what `helm template` assumes without one, lists groups and versions. */ -}}
{{- $apis := .root.Capabilities.APIVersions -}}
{{- if and ($apis.Has "v1/Service") (not ($apis.Has "gateway.networking.k8s.io/v1/HTTPRoute")) -}}
{{- include "kit.problem" (dict "to" .to "id" "gateway-api-missing"
  "what" (printf "%s is enabled, but the cluster has no HTTPRoute" $door.at)
  "why" "The kind gateway.networking.k8s.io/v1 HTTPRoute comes with the CRDs of the Gateway API, which are not installed."
  "paste" (list "Install them, and a controller (https://gateway-api.sigs.k8s.io/guides/), or use an Ingress:"
    (include "kit.nested" (dict "key" "ingress.ui" "value" (dict "enabled" true "hosts" $door.hosts))))) -}}
{{- end -}}
{{- end -}}
