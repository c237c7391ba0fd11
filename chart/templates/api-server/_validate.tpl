{{/* Rules of the API server. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.api-server" -}}
{{- include "kit.validate.service" (dict "to" .to "section" "apiServer" "service" .root.Values.apiServer.service) -}}
{{- $url := .root.Values.apiServer.baseUrl -}}
{{- if and $url (not (regexMatch "^https?://[^/]+(/.*)?$" $url)) -}}
{{- include "kit.problem" (dict "to" .to "id" "base-url-incomplete" "what" (printf "apiServer.baseUrl %q is not a complete URL" $url)
  "why" "It must be the address that users open in the browser, with http:// or https://."
  "paste" "apiServer:\n  baseUrl: https://airflow.example.com/prefix") -}}
{{- end -}}
{{- with (urlParse ($url | default "")).path -}}
{{- include "kit.validate.path" (dict "to" $.to "key" "apiServer.baseUrl" "path" .) -}}
{{- end -}}
{{- include "kit.validate.trustedProxies" . -}}
{{- include "kit.validate.pythonFile" (dict "to" .to "id" "webserver-config-twice" "key" "apiServer.webserverConfig"
  "section" .root.Values.apiServer.webserverConfig "file" "webserver_config.py") -}}{{- end -}}

{{/* A nodePort needs a type that has one. Input: to (see kit.problem), section (such as apiServer), service. Output: nothing. */}}
{{- define "kit.validate.nodePort" -}}
{{- if and .service.nodePort (ne .service.type "NodePort") (ne .service.type "LoadBalancer") -}}
{{- include "kit.problem" (dict "to" .to "id" "node-port-without-type"
  "what" (printf "%s.service.nodePort is set, but %s.service.type is ClusterIP" .section .section)
  "why" "Kubernetes refuses a nodePort on a Service of type ClusterIP."
  "paste" (printf "%s:\n  service:\n    type: NodePort\n    nodePort: %d" .section (int .service.nodePort))) -}}
{{- end -}}
{{- end -}}

{{/*
The server takes an entry that it cannot read for a name, and then trusts nobody without a word. Input: root, to. Output: nothing.
*/}}
{{- define "kit.validate.trustedProxies" -}}
{{- $proxies := .root.Values.apiServer.trustedProxies -}}
{{- $to := .to -}}
{{- range $proxies -}}
{{- $why := include "kit.notAnAddress" . -}}
{{- if and (eq . "*") (gt (len $proxies) 1) -}}
{{- $why = "\"*\" must be the only entry: beside others, the server takes it for a name." -}}
{{- end -}}
{{- if $why -}}
{{- include "kit.problem" (dict "to" $to "id" "trusted-proxy-invalid"
  "what" (printf "apiServer.trustedProxies contains %q, which no address can match" .) "why" $why
  "paste" "apiServer:\n  trustedProxies: [10.42.0.0/16]") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Why a text is neither "*" nor an address nor a network. Input: the text. Output: a sentence, or nothing. */}}
{{- define "kit.notAnAddress" -}}
{{- $byte := "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" -}}
{{- $v4 := printf "^%s(\\.%s){3}(/(3[0-2]|[12]?[0-9]))?$" $byte $byte -}}
{{- $parts := splitList "/" . -}}
{{- $groups := regexFindAll "[0-9A-Fa-f]{1,4}" (first $parts) -1 | len -}}
{{- $v6 := "^([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4})*)?(::)?([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4})*)?(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$" -}}
{{- if eq . "*" -}}
{{- else if regexMatch $v4 . -}}
{{- if gt (len $parts) 1 -}}
{{- $number := 0 -}}
{{- range splitList "." (first $parts) -}}{{- $number = add (mul $number 256) (atoi .) -}}{{- end -}}
{{- $size := 1 -}}
{{- range until (sub 32 (last $parts | atoi) | int) -}}{{- $size = mul $size 2 -}}{{- end -}}
{{- if mod $number $size -}}It is an address within the network, not the network: its last bits must be 0.{{- end -}}
{{- end -}}
{{- else if not (and (contains ":" .) (regexMatch $v6 .) (ternary (lt $groups 8) (eq $groups 8) (contains "::" .))) -}}
It must be an IP address, a network such as 10.42.0.0/16, or "*"; names are not resolved.
{{- end -}}
{{- end -}}
