{{/*
Notes one problem of the values; kit.validate reports all of them at once. Input: to, a dict whose list `found` grows; id,
stable words with dashes; what, one line that names the key; why, the reason, as text or as a list of sentences; paste,
YAML or a command that solves it, as text or as a list of lines. Output: nothing.
*/}}
{{- define "kit.problem" -}}
{{- $text := printf "[%s] %s\n  %s\n\n%s" .id .what (join " " .why) (join "\n" .paste | trim | indent 4) -}}
{{- $_ := set .to "found" (append (.to.found | default list) $text) -}}
{{- end -}}

{{/*
Notes a ServiceAccount that nobody makes. Input: root, to (see kit.problem), section (the component's key of the values).
Output: nothing.
*/}}
{{- define "kit.problem.account" -}}
{{- $account := (get .root.Values .section).serviceAccount -}}
{{- if and (not $account.create) (not $account.name) -}}
{{- include "kit.problem" (dict "to" .to "id" "service-account-unnamed"
  "what" (printf "%s.serviceAccount.create is false, and its name is empty" .section)
  "why" "The pods would use a service account that nobody creates, and would never start."
  "paste" (printf "%s:\n  serviceAccount:\n    create: false\n    name: my-account" .section)) -}}
{{- end -}}
{{- end -}}
