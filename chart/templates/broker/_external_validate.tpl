{{/* Rules of the kind external. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.broker.external.validate" -}}
{{- $external := .root.Values.broker.external -}}
{{- $url := $external.urlSecret -}}
{{- $ca := or $external.ca.configMap $external.ca.secret -}}
{{- if not (or $external.host $url.name) -}}
{{- include "kit.problem" (dict "to" .to "id" "broker-missing"
  "what" "broker.kind is external, but broker.external.host and broker.external.urlSecret.name are empty"
  "why" "Celery workers take their tasks from a broker."
  "paste" (list "broker:" "  kind: external" "  external:" "    host: redis.example.com" "    passwordSecret:"
    "      name: my-broker" "      key: password")) -}}
{{- end -}}
{{- if and $external.host $url.name -}}
{{- include "kit.problem" (dict "to" .to "id" "broker-twice"
  "what" "broker.external.host and broker.external.urlSecret.name are both set"
  "why" "The URL in the Secret names a host, too." "paste" "broker:\n  external:\n    host: \"\"") -}}
{{- end -}}
{{- if contains "://" $external.host -}}
{{- include "kit.problem" (dict "to" .to "id" "broker-host-is-url" "what" "broker.external.host is a URL"
  "why" "It must be a host name. The chart builds the URL itself, so that any character in the password works."
  "paste" (printf "broker:\n  external:\n    host: %s" (urlParse $external.host).hostname)) -}}
{{- end -}}
{{- include "kit.validate.hostAlone" (dict "to" .to "key" "broker.external" "host" $external.host) -}}
{{- if and $url.name (not $url.key) -}}
{{- include "kit.problem" (dict "to" .to "id" "broker-url-key-empty" "what" "broker.external.urlSecret.key is empty"
  "why" "It is the key of the URL in that Secret." "paste" "broker:\n  external:\n    urlSecret:\n      key: url") -}}
{{- end -}}
{{- if and $external.ca.configMap $external.ca.secret -}}
{{- include "kit.problem" (dict "to" .to "id" "broker-ca-twice"
  "what" "broker.external.ca.configMap and broker.external.ca.secret are both set" "why" "The CA certificates come from one place."
  "paste" (printf "broker:\n  external:\n    ca:\n      configMap: %s\n      secret: \"\"" $external.ca.configMap)) -}}
{{- end -}}
{{- if and $ca (or $url.name (not $external.tls)) -}}
{{- include "kit.problem" (dict "to" .to "id" "broker-ca-unused"
  "what" "broker.external.ca is set, but the chart does not connect by TLS"
  "why" (list "Without `tls: true` nothing is verified."
    "A URL from a Secret names the file itself: ?ssl_ca_certs=… (Redis), on a volume of yours (pods.extraVolumes).")
  "paste" "broker:\n  external:\n    tls: true") -}}
{{- end -}}
{{- end -}}
