{{/*
Airflow's SimpleAuthManager. It opens the file of the passwords for writing, so an init container writes it from Secrets to /tmp
(files/simple_passwords.py): each replica and each restart has the same one. Input: none. Output: its class.
*/}}
{{- define "kit.auth.simple.path" -}}
airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager
{{- end -}}

{{/* Its users and their roles; the first user is one of them. Input: the root. Output: a JSON map. */}}
{{- define "kit.auth.simple.users" -}}
{{- $users := deepCopy .Values.auth.simple.users -}}
{{- with .Values.admin -}}{{- if .create -}}{{- $_ := set $users .username (lower .role) -}}{{- end -}}{{- end -}}
{{- toJson $users -}}
{{- end -}}

{{/* Its variables. Input: the root. Output: YAML list entries. */}}
{{- define "kit.auth.simple.env" -}}
{{- $users := list -}}
{{- range $name, $role := include "kit.auth.simple.users" . | fromJson -}}
{{- $users = append $users (printf "%s:%s" $name $role) -}}
{{- end -}}
- {name: AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS, value: {{ join "," $users | quote }}}
- {name: AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE, value: /tmp/simple_passwords.json}
{{- if .Values.auth.simple.allAdmins }}
- {name: AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS, value: "True"}
{{- end }}
{{- end -}}

{{/* Files with passwords. Input: the root. Output: a YAML list. */}}
{{- define "kit.auth.simple.sources" -}}
{{- with .Values.auth.simple.passwordsSecret }}
{{- if .name }}
- secret:
    name: {{ .name | quote }}
    items:
      - {key: {{ .key | quote }}, path: simple-passwords}
{{- end }}
{{- end }}
{{- end -}}

{{/*
Init container that writes the file of the passwords. Input: root, role, section, env (as YAML). Output: a JSON list of one container,
or of none.
*/}}
{{- define "kit.auth.simple.init" -}}
{{- if and (eq .role "api-server") (eq (include "kit.auth.preset" .root) "simple") -}}
{{- $container := include "kit.wait.own" (merge (dict "target" "") .) | fromYaml -}}
{{- $command := list "python3" "-I" "/opt/airflow/kit/simple_passwords.py" -}}
{{- $container = merge (dict "name" "write-passwords" "command" $command) $container -}}
{{- $admin := .root.Values.admin.create | ternary .root.Values.admin.username "" -}}
{{- $_ := set $container "env" (append $container.env (dict "name" "KIT_ADMIN_USERNAME" "value" $admin)) -}}
{{- list (include "kit.container" (dict "section" .section "container" $container) | fromJson) | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}
