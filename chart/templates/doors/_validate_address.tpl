{{/*
A door whose path no page can have, or that contradicts the address in the values. Input: root, to, door. Output: nothing.
*/}}
{{- define "kit.validate.doorAddress" -}}
{{- $door := .door -}}
{{- $key := printf "%s.path" $door.at -}}
{{- if $door.own.path -}}{{- include "kit.validate.path" (dict "to" .to "key" $key "path" $door.own.path) -}}{{- end -}}
{{- $address := include "kit.doorPublic" . | fromJson -}}
{{- $url := urlParse $address.url -}}
{{- $path := trimSuffix "/" $url.path | default "/" -}}
{{- $host := lower $url.hostname -}}
{{- $why := list -}}
{{- if and $address.url (ne $path $door.path) -}}
{{- $why = append $why (printf "Its path is %s, and that of %s is %s." $path $door.at $door.path) -}}
{{- end -}}
{{- if and $host $address.given $door.hosts (not (include "kit.hostMatches" (dict "host" $host "hosts" $door.hosts))) -}}
{{- $why = append $why (printf "Its host is %s, and %s serves %s." $host $door.at (join ", " $door.hosts)) -}}
{{- end -}}
{{- if and (eq $url.scheme "http") (include "kit.doorHasCertificate" (dict "door" $door "host" $host)) -}}
{{- $why = append $why (printf "It begins with http, and %s has a certificate for that host." $door.at) -}}
{{- end -}}
{{- if $why -}}
{{- include "kit.problem" (dict "to" .to "id" "base-url-contradicts"
  "what" (printf "%s contradicts %s, %s" $door.at $address.key $address.url) "why" $why
  "paste" (list (printf "Remove %s, which then follows from %s, or change one of them:" $address.key $door.at)
    (include "kit.nested" (dict "key" $key "value" $path)))) -}}
{{- end -}}
{{- end -}}

{{/*
What the address of a door has to agree with. Input: root, door. Output: a JSON map: url; key, where it comes from; given, whether
that is apiServer.baseUrl. Two doors to the UI may have different hosts, but the UI has one path.
*/}}
{{- define "kit.doorPublic" -}}
{{- if ne .door.component "api-server" -}}
{{- dict "url" .door.url "key" .door.key "given" false | toJson -}}
{{- else -}}
{{- $given := .root.Values.apiServer.baseUrl -}}
{{- $key := "apiServer.baseUrl" -}}
{{- if not $given -}}{{- $key = .root.Values.ingress.ui.enabled | ternary "ingress.ui" "httpRoute.ui" -}}{{- end -}}
{{- dict "url" (include "kit.baseUrl" .root) "key" $key "given" (not (empty $given)) | toJson -}}
{{- end -}}
{{- end -}}

{{/*
A path that proxies, probes and Airflow do not read alike. Input: to, key, path. Output: nothing.
*/}}
{{- define "kit.validate.path" -}}
{{- $parts := trimSuffix "/" .path | trimPrefix "/" | splitList "/" -}}
{{- $why := "" -}}
{{- if not (hasPrefix "/" .path) -}}
{{- $why = "It must begin with a slash." -}}
{{- else if or (has "." $parts) (has ".." $parts) -}}
{{- $why = "Browsers replace the parts . and .. before they send a request." -}}
{{- else if not (regexMatch "^(/[-A-Za-z0-9._~]+)*/?$" .path) -}}
{{- $why = "It may have letters, digits and -._~ between single slashes. It is no regular expression, and no rewrite is needed." -}}
{{- end -}}
{{- if $why -}}
{{- $words := regexFindAll "[-A-Za-z0-9_~]+" .path -1 -}}
{{- include "kit.problem" (dict "to" .to "id" "path-unfit" "what" (printf "%s has the path %q" .key .path) "why" $why
  "paste" (include "kit.nested" (dict "key" .key "value" (printf "/%s" (first $words | default "airflow"))))) -}}
{{- end -}}
{{- end -}}
