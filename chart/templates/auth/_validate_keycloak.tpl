{{/* Rules of Keycloak's auth manager. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.auth.keycloak" -}}
{{- $to := .to -}}
{{- $keycloak := .root.Values.auth.keycloak -}}
{{- $missing := list -}}
{{- range list "serverUrl" "realm" "clientId" -}}
{{- if not (get $keycloak .) -}}{{- $missing = append $missing (printf "auth.keycloak.%s" .) -}}{{- end -}}
{{- end -}}
{{- if not $keycloak.clientSecret.name -}}{{- $missing = append $missing "auth.keycloak.clientSecret.name" -}}{{- end -}}
{{- if $missing -}}
{{- include "kit.problem" (dict "to" $to "id" "auth-keycloak-incomplete"
  "what" (printf "auth.manager is keycloak, but %s %s empty" (join ", " $missing) (gt (len $missing) 1 | ternary "are" "is"))
  "why" "Airflow needs Keycloak's address, the realm, and the ID and the secret of a confidential client of that realm."
  "paste" (list "auth:" "  manager: keycloak" "  keycloak:" "    serverUrl: https://sso.example.com" "    realm: company"
    "    clientId: airflow" "    clientSecret:" "      name: keycloak-client"
    (printf "# kubectl -n %s create secret generic keycloak-client --from-literal=client-secret=…" .root.Release.Namespace))) -}}
{{- end -}}
{{- with regexFind "/realms/.*" $keycloak.serverUrl -}}
{{- $server := trimSuffix . $keycloak.serverUrl -}}
{{- $realm := $keycloak.realm | default (trimPrefix "/realms/" . | splitList "/" | first) -}}
{{- include "kit.problem" (dict "to" $to "id" "auth-keycloak-url"
  "what" (printf "auth.keycloak.serverUrl contains a realm: %s" $keycloak.serverUrl)
  "why" "Airflow adds /realms/ and auth.keycloak.realm itself."
  "paste" (include "kit.nested" (dict "key" "auth.keycloak" "value" (dict "serverUrl" $server "realm" $realm)))) -}}
{{- end -}}
{{- if not (include "kit.baseUrl" .root) -}}
{{- include "kit.problem" (dict "to" $to "id" "auth-keycloak-base-url"
  "what" "auth.manager is keycloak, but the address of the UI is not known"
  "why" "After a log-in, Keycloak and Airflow send the browser to this address, which must be among the client's redirects."
  "paste" "apiServer:\n  baseUrl: https://airflow.example.com") -}}
{{- end -}}
{{- end -}}
