{{/* Rules of SimpleAuthManager. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.auth.simple" -}}
{{- $v := .root.Values -}}
{{- $simple := $v.auth.simple -}}
{{- $roles := list "viewer" "user" "op" "admin" -}}
{{- if and $v.admin.create (not (has (lower $v.admin.role) $roles)) -}}
{{- include "kit.problem" (dict "to" .to "id" "auth-simple-role"
  "what" (printf "admin.role is %s, which SimpleAuthManager does not have" $v.admin.role)
  "why" "Its roles are viewer, user, op and admin." "paste" "admin:\n  role: admin") -}}
{{- end -}}
{{- if and $v.admin.create $v.admin.username (not (regexMatch "^[A-Za-z0-9][-A-Za-z0-9._@+]*$" $v.admin.username)) -}}
{{- include "kit.problem" (dict "to" .to "id" "auth-simple-name"
  "what" (printf "admin.username is %q, which SimpleAuthManager cannot have" $v.admin.username)
  "why" "Airflow separates users by commas, and name and role by a colon. Use letters, digits and -._@+."
  "paste" "admin:\n  username: admin") -}}
{{- end -}}
{{- if and $v.admin.create (hasKey $simple.users $v.admin.username) -}}
{{- include "kit.problem" (dict "to" .to "id" "auth-simple-twice"
  "what" (printf "auth.simple.users contains %s, who is the first user (admin.username)" $v.admin.username)
  "why" "A user has one role and one password; those of the first user are admin.role and the key admin-password of the keys Secret."
  "paste" "admin:\n  create: false") -}}
{{- end -}}
{{- if and $simple.users (not $simple.passwordsSecret.name) -}}
{{- include "kit.problem" (dict "to" .to "id" "auth-simple-passwords"
  "what" "auth.simple.users lists users, but auth.simple.passwordsSecret.name is empty"
  "why" "Airflow would make up passwords at each start, different ones in each replica, and print them in the log."
  "paste" (list "auth:" "  simple:" "    passwordsSecret:" "      name: airflow-passwords"
    (printf "# kubectl -n %s create secret generic airflow-passwords --from-literal=passwords.json='{\"%s\": \"…\"}'"
      .root.Release.Namespace (keys $simple.users | sortAlpha | first)))) -}}
{{- end -}}
{{- if not (or $v.admin.create $simple.users $simple.allAdmins) -}}
{{- include "kit.problem" (dict "to" .to "id" "auth-simple-nobody" "what" "auth.manager is simple, but there is no user"
  "why" "admin.create is false and auth.simple.users is empty, so nobody could log in." "paste" "admin:\n  create: true") -}}
{{- end -}}
{{- end -}}
