{{/* FAB's auth manager: users in the database, or by webserver_config.py. Input: none. Output: its class. */}}
{{- define "kit.auth.fab.path" -}}airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager{{- end -}}

{{/* It needs no variables. Input: none. Output: nothing. */}}
{{- define "kit.auth.fab.env" -}}{{- end -}}

{{/* It needs no files. Input: none. Output: nothing. */}}
{{- define "kit.auth.fab.sources" -}}{{- end -}}
