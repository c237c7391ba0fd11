{{/* Rules of the first user, whom the migrate Job makes. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.migrate" -}}
{{- $admin := .root.Values.admin -}}
{{- if and $admin.create (not $admin.username) -}}
{{- include "kit.problem" (dict "to" .to "id" "admin-username-empty" "what" "admin.username is empty while admin.create is true"
  "why" "The first user needs a name." "paste" "admin:\n  username: admin") -}}
{{- end -}}
{{- end -}}
