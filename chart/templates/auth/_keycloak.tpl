{{/* Keycloak's auth manager, of apache-airflow-providers-keycloak. Input: none. Output: its class. */}}
{{- define "kit.auth.keycloak.path" -}}
airflow.providers.keycloak.auth_manager.keycloak_auth_manager.KeycloakAuthManager
{{- end -}}

{{/*
Its variables. sed leaves out the newline that `echo` and editors put at the end of the secret. Input: the root. Output: YAML list
entries.
*/}}
{{- define "kit.auth.keycloak.env" -}}
{{- with .Values.auth.keycloak -}}
- {name: AIRFLOW__KEYCLOAK_AUTH_MANAGER__SERVER_URL, value: {{ trimSuffix "/" .serverUrl | quote }}}
- {name: AIRFLOW__KEYCLOAK_AUTH_MANAGER__REALM, value: {{ .realm | quote }}}
- {name: AIRFLOW__KEYCLOAK_AUTH_MANAGER__CLIENT_ID, value: {{ .clientId | quote }}}
- name: AIRFLOW__KEYCLOAK_AUTH_MANAGER__CLIENT_SECRET_CMD
  value: sed -z 's/\n$//' /opt/airflow/secrets/keycloak-client-secret
{{- end -}}
{{- end -}}

{{/* The file with the client's secret. Input: the root. Output: a YAML list. */}}
{{- define "kit.auth.keycloak.sources" -}}
{{- with .Values.auth.keycloak.clientSecret }}
- secret:
    name: {{ .name | quote }}
    items:
      - {key: {{ .key | quote }}, path: keycloak-client-secret}
{{- end }}
{{- end -}}
