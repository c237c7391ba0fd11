{{/*
Rules of the objects that a Job writes; the Job checks their fields once more, with kitctl's own code. Input: root, to (see
kit.problem). Output: nothing.
*/}}
{{- define "kit.validate.objects" -}}
{{- if include "kit.objects.wanted" .root -}}
{{- include "kit.validate.objects.login" . -}}
{{- include "kit.validate.objects.fab" . -}}
{{- /* Permissions of roles are not looked at: they name resources such as "My Password", and the schema takes only lists of texts. */ -}}
{{- range $section, $objects := omit (include "kit.objects.sections" .root | fromJson) "roles" -}}
{{- range $name, $value := $objects -}}
{{- $place := printf "objects.%s.%s" $section $name -}}
{{- include "kit.objects.walk" (dict "value" $value "place" $place "name" $name "found" dict "to" $.to) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether the Job can log in to Airflow. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.objects.login" -}}
{{- $preset := include "kit.auth.preset" .root -}}
{{- $v := .root.Values -}}
{{- if eq $preset "class" -}}
{{- include "kit.problem" (dict "to" .to "id" "objects-auth-manager"
  "what" (printf "objects is set, but auth.manager is %s" $v.auth.manager)
  "why" "The Job logs in as the first user (fab, simple) or as Keycloak's client; it does not know other auth managers."
  "paste" "objects: {pools: null, variables: null, connections: null, roles: null, users: null}") -}}
{{- else if and (has $preset (list "fab" "simple")) (not $v.admin.create) (not (and (eq $preset "simple") $v.auth.simple.allAdmins)) -}}
{{- include "kit.problem" (dict "to" .to "id" "objects-without-user" "what" "objects is set, but admin.create is false"
  "why" (list "The Job logs in as the first user, with the password of the keys Secret."
    "Next to single sign-on, this user logs in to the REST API only.") "paste" "admin:\n  create: true") -}}
{{- end -}}
{{- end -}}

{{/* Roles and users need FAB's auth manager, and the first user is not one of them. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.objects.fab" -}}
{{- $v := .root.Values -}}
{{- $preset := include "kit.auth.preset" .root -}}
{{- $first := $v.admin.username -}}
{{- $named := include "kit.objects.sections" .root | fromJson -}}
{{- range $section := list "roles" "users" -}}
{{- if and (hasKey $named $section) (has $preset (list "simple" "keycloak")) -}}
{{- include "kit.problem" (dict "to" $.to "id" "objects-without-fab"
  "what" (printf "objects.%s is set, but auth.manager is %s" $section $v.auth.manager)
  "why" "Only FAB's auth manager keeps users and roles in Airflow's database." "paste" (printf "objects:\n  %s: null" $section)) -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := get $named "users" | default dict -}}
{{- if eq (lower $name) (lower $first) -}}
{{- include "kit.problem" (dict "to" $.to "id" "objects-first-user" "what" (printf "objects.users.%s is the first user" $name)
  "why" (list "The Job logs in as this user, with the password of the keys Secret."
    "With another password or other roles, the next run would fail.")
  "paste" (list (printf "# without objects.users.%s" $name) "admin:" (printf "  username: %s" $first))) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Walks through the values of an object. Notes its references to Secrets in `found`, and as problems what the values must not have:
references of another kind, and plain secrets. Input: value; place, its path; name, the last part of that; found, a map; to (see
kit.problem). Output: nothing.
*/}}
{{- define "kit.objects.walk" -}}
{{- $value := .value -}}
{{- if kindIs "map" $value -}}
{{- $only := eq (len $value) 1 | ternary (keys $value | join "") "" -}}
{{- $inner := get $value $only -}}
{{- if and (eq $only "secret") (kindIs "map" $inner) (or (hasKey $inner "name") (hasKey $inner "key")) -}}
{{- include "kit.objects.reference" (dict "value" $inner "place" .place "found" .found "to" .to) -}}
{{- else if and (has $only (list "env" "file")) (kindIs "string" $inner) -}}
{{- include "kit.problem" (dict "to" .to "id" "objects-reference-wrong" "what" (printf "%s is a reference to %s" .place $only)
  "why" "The Job reads secrets from Secrets only." "paste" (printf "# %s\nsecret: {name: my-secret, key: my-key}" .place)) -}}
{{- else -}}
{{- range $name, $one := $value -}}
{{- $place := printf "%s.%s" $.place $name -}}
{{- include "kit.objects.walk" (dict "value" $one "place" $place "name" $name "found" $.found "to" $.to) -}}
{{- end -}}
{{- end -}}
{{- else if kindIs "slice" $value -}}
{{- range $value -}}
{{- include "kit.objects.walk" (dict "value" . "place" $.place "name" $.name "found" $.found "to" $.to) -}}
{{- end -}}
{{- else if and (kindIs "string" $value) $value -}}
{{- include "kit.objects.plain" . -}}
{{- end -}}
{{- end -}}

{{/* A reference to a key of a Secret. Input: as above, value: what stands behind `secret`. Output: nothing. */}}
{{- define "kit.objects.reference" -}}
{{- $name := get .value "name" | toString -}}
{{- $key := get .value "key" | toString -}}
{{- $known := and (eq (len .value) 2) (hasKey .value "name") (hasKey .value "key") -}}
{{- if and $known (regexMatch "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$" $name) (regexMatch "^[-._a-zA-Z0-9]+$" $key) -}}
{{- $_ := set .found (printf "%s/%s" $name $key) (dict "name" $name "key" $key) -}}
{{- else -}}
{{- include "kit.problem" (dict "to" .to "id" "objects-reference-wrong"
  "what" (printf "%s is no reference to a key of a Secret" .place) "why" "It needs the name of the Secret and the name of the key."
  "paste" (printf "# %s\nsecret: {name: my-secret, key: my-key}" .place)) -}}
{{- end -}}
{{- end -}}

{{/* A text, which must not be a secret. Input: as above. Output: nothing. */}}
{{- define "kit.objects.plain" -}}
{{- $secret := "(?i)(password|passwd|passphrase|token|secret|(api|secret|private|access|fernet)_?key)" -}}
{{- $json := printf "%s\"\\s*:\\s*\"[^\"]" $secret -}}
{{- $url := "://[^/@\\s:]*:[^/@\\s]+@" -}}
{{- if or (regexMatch (printf "%s$" $secret) .name) (regexMatch $json .value) (regexMatch $url .value) (eq .value "***") -}}
{{- include "kit.problem" (dict "to" .to "id" "objects-secret-plain" "what" (printf "%s looks like a secret in plain text" .place)
  "why" "Values are stored in Git, in the release's Secret and in a ConfigMap, where many people can read them."
  "paste" (printf "# %s\nsecret: {name: my-secret, key: my-key}" .place)) -}}
{{- end -}}
{{- end -}}
