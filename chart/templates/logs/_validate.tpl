{{/* Rules of the task logs. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.logs" -}}
{{- $remote := .root.Values.logs.remote -}}
{{- if $remote.enabled -}}
{{- include "kit.validate.logs.folder" . -}}
{{- include "kit.validate.logs.stores" . -}}
{{- include "kit.validate.logs.connections" . -}}
{{- include "kit.validate.logs.opensearch" . -}}
{{- end -}}
{{- end -}}

{{/* One place for the logs. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.logs.folder" -}}
{{- $remote := .root.Values.logs.remote -}}
{{- if not (include "kit.logs.store" .root) -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-folder-empty"
  "what" "logs.remote.folder is empty while logs.remote.enabled is true"
  "why" "Airflow would have no place to upload logs to. Only Elasticsearch and OpenSearch need no folder."
  "paste" "logs:\n  remote:\n    enabled: true\n    folder: s3://my-bucket/logs\n    connection: aws_default") -}}
{{- else if and $remote.folder (not (regexMatch "^(wasb|[a-z][a-z0-9+.-]*://)" $remote.folder)) -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-folder-scheme"
  "what" (printf "logs.remote.folder has no scheme: %s" $remote.folder)
  "why" "Airflow chooses the storage by the scheme; without one it has no place to upload logs to."
  "paste" (printf "logs:\n  remote:\n    enabled: true\n    folder: s3://%s  # or gs://; Azure: wasb://…" $remote.folder)) -}}
{{- end -}}
{{- end -}}

{{/* Airflow has one store, and the settings of others would be ignored. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.logs.stores" -}}
{{- $remote := .root.Values.logs.remote -}}
{{- $named := list -}}
{{- if $remote.folder -}}{{- $named = append $named "folder" -}}{{- end -}}
{{- if $remote.elasticsearch.hostSecret.name -}}{{- $named = append $named "elasticsearch.hostSecret" -}}{{- end -}}
{{- if $remote.opensearch.host -}}{{- $named = append $named "opensearch.host" -}}{{- end -}}
{{- if gt (len $named) 1 -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-two-stores"
  "what" (printf "logs.remote names %d stores: %s" (len $named) (join " and " $named))
  "why" "Airflow keeps task logs in one store."
  "paste" (printf "logs:\n  remote:    # remove %s\n    enabled: true" (rest $named | join " and "))) -}}
{{- end -}}
{{- end -}}

{{/* One connection, and one that the store uses. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.logs.connections" -}}
{{- $kind := include "kit.logs.store" .root -}}
{{- $sources := include "kit.logs.sources" .root | fromJsonArray -}}
{{- $unused := list -}}
{{- range $sources -}}
{{- if or (has $kind (list "elasticsearch" "opensearch")) (and (eq . "s3") (ne $kind "s3")) -}}{{- $unused = append $unused . -}}{{- end -}}
{{- end -}}
{{- if and $unused $kind -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-settings-unused"
  "what" (printf "logs.remote.%s is set, but the logs are in %s" (first $unused) (eq $kind "folder" | ternary "another store" $kind))
  "why" "The setting would have no effect." "paste" (printf "(remove logs.remote.%s)" (first $unused))) -}}
{{- else if gt (len $sources) 1 -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-two-connections"
  "what" (printf "logs.remote has %d sources of the connection: %s" (len $sources) (join ", " $sources))
  "why" "Each of them is a whole connection, and Airflow uses one."
  "paste" (printf "logs:\n  remote:\n    # only one of: %s" (join ", " $sources))) -}}
{{- end -}}
{{- end -}}

{{/* OpenSearch has no log-in without a user, and reads only scheme and name from the URL. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.logs.opensearch" -}}
{{- $given := .root.Values.logs.remote.opensearch.host -}}
{{- $url := urlParse (contains "://" $given | ternary $given (printf "http://%s" $given)) -}}
{{- if or $url.userinfo (regexMatch ":[0-9]+$" $url.host) (trimSuffix "/" $url.path) -}}
{{- $scheme := contains "://" $given | ternary (printf "%s://" $url.scheme) "" -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default .root.Values.logs.remote.opensearch.port | int -}}
{{- $value := dict "host" (printf "%s%s" $scheme $url.hostname) "port" $port -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-opensearch-host"
  "what" "logs.remote.opensearch.host contains more than a scheme and a host name"
  "why" "Airflow ignores a port, a path, a user and a password there. Values are no place for a password: it belongs in credentialsSecret."
  "paste" (include "kit.nested" (dict "key" "logs.remote.opensearch" "value" $value))) -}}
{{- end -}}
{{- if and (eq (include "kit.logs.store" .root) "opensearch") (not .root.Values.logs.remote.opensearch.credentialsSecret.name) -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-opensearch-login"
  "what" "logs.remote.opensearch.credentialsSecret.name is empty" "why" "Airflow takes no OpenSearch without a user and a password."
  "paste" "logs:\n  remote:\n    opensearch:\n      credentialsSecret:\n        name: my-opensearch") -}}
{{- end -}}
{{- end -}}
