{{/*
Doors: what users reach from outside. Each door has a file in this folder with one named template, kit.door.<name>, that takes
the root and returns a JSON map:
  component  whose Service is behind the door
  service    section of the values of that Service
  url        the address that the values give it, or the path of it; empty if none
  key        key of that address
Input: anything. Output: a JSON list of names.
*/}}
{{- define "kit.doors" -}}{{- list "ui" "flower" | toJson -}}{{- end -}}

{{/*
Everything about one door of one kind. Other doors than that of the UI have its hosts unless they name theirs.
Input: root, kind (ingress or httpRoute), door. Output: a JSON map: the slots of the door;
own, its section of the values; at, the key of that section; hosts, those of users; path, with "/" at its start and no other at its
end.
*/}}
{{- define "kit.door" -}}
{{- $facts := include (printf "kit.door.%s" .door) .root | fromJson -}}
{{- $own := get (get .root.Values .kind) .door -}}
{{- $url := $facts.url | default "" | urlParse -}}
{{- $hosts := eq .kind "ingress" | ternary $own.hosts $own.hostnames -}}
{{- $host := lower $url.hostname -}}
{{- if and (not $hosts) (regexMatch "[a-z][-a-z0-9]*$" $host) (not (contains ":" $host)) -}}{{- $hosts = list $host -}}{{- end -}}
{{- if not (or $hosts (eq .door "ui")) -}}
{{- $ui := include "kit.door" (dict "root" .root "kind" .kind "door" "ui") | fromJson -}}
{{- $hosts = $ui.hosts -}}
{{- end -}}
{{- $path := $own.path | default $url.path | trimSuffix "/" | default "/" -}}
{{- merge (dict "own" $own "at" (printf "%s.%s" .kind .door) "hosts" ($hosts | default list) "path" $path) $facts | toJson -}}
{{- end -}}

{{/*
Public address of the UI, if an Ingress or HTTPRoute tells it: its first host. Input: the root. Output: a URL, or nothing.
*/}}
{{- define "kit.doorUrl" -}}
{{- $found := list -}}
{{- range list "ingress" "httpRoute" -}}
{{- $door := include "kit.door" (dict "root" $ "kind" . "door" "ui") | fromJson -}}
{{- $host := first $door.hosts | default "" -}}
{{- if and $door.own.enabled $host (not (hasPrefix "*" $host)) -}}
{{- $https := $door.own.https -}}
{{- if eq . "ingress" -}}{{- $https = include "kit.doorHasCertificate" (dict "door" $door "host" $host) -}}{{- end -}}
{{- $found = append $found (printf "%s://%s%s" (ternary "https" "http" (not (empty $https))) $host (trimSuffix "/" $door.path)) -}}
{{- end -}}
{{- end -}}
{{- with first $found -}}{{- . -}}{{- end -}}
{{- end -}}

{{/* Whether `tls` of an Ingress covers a host. Input: door (see kit.door), host. Output: "true" or nothing. */}}
{{- define "kit.doorHasCertificate" -}}
{{- $found := "" -}}
{{- range .door.own.tls -}}
{{- if include "kit.hostMatches" (dict "host" $.host "hosts" (.hosts | default $.door.hosts)) -}}{{- $found = "true" -}}{{- end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* Whether a list of hosts covers a host; "*" stands for one part of a name. Input: host, hosts. Output: "true" or nothing. */}}
{{- define "kit.hostMatches" -}}
{{- $rest := splitList "." .host | rest | join "." -}}
{{- if or (has .host .hosts) (has (printf "*.%s" $rest) .hosts) -}}true{{- end -}}
{{- end -}}
