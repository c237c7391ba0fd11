{{/* Rules of PgBouncer. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.pgbouncer" -}}
{{- if .root.Values.pgbouncer.enabled -}}
{{- include "kit.validate.pgbouncerSettings" . -}}
{{- include "kit.validate.pgbouncerSize" . -}}
{{- $v := .root.Values -}}
{{- $ca := or $v.database.ca.configMap $v.database.ca.secret -}}
{{- if and (hasPrefix "verify-" $v.database.sslMode) (not $ca) -}}
{{- include "kit.problem" (dict "to" .to "id" "pgbouncer-ca-missing"
  "what" (printf "database.sslMode is %s, but database.ca is empty" $v.database.sslMode)
  "why" "PgBouncer verifies the server, with a file of its own pod; it reads no PGSSLROOTCERT."
  "paste" "database:\n  ca:\n    configMap: database-ca    # key ca.crt") -}}
{{- end -}}
{{- range concat $v.env $v.pods.env -}}
{{- if eq .name "PGOPTIONS" -}}
{{- include "kit.problem" (dict "to" $.to "id" "pgbouncer-options"
  "what" "PGOPTIONS is set, but PgBouncer accepts no options of a session"
  "why" "A connection to the server belongs to another client after each transaction."
  "paste" "# in the database, for every session of the user:\n#   ALTER ROLE airflow SET statement_timeout = '60s';") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Settings that the chart decides. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.pgbouncerSettings" -}}
{{- $in := . -}}
{{- $instead := dict "default_pool_size" "poolSize" "reserve_pool_size" "reservePoolSize" "max_client_conn" "maxClientConnections" -}}
{{- $fixed := list "listen_addr" "listen_port" "unix_socket_dir" "auth_type" "auth_file" "auth_query" "pool_mode" "conffile" "logfile"
  "pidfile" "user" "server_tls_sslmode" "server_tls_ca_file" "server_tls_cert_file" "server_tls_key_file" "client_tls_sslmode"
  "client_tls_cert_file" "client_tls_key_file" -}}
{{- range $name, $value := .root.Values.pgbouncer.settings -}}
{{- if hasKey $instead $name -}}
{{- include "kit.problem" (dict "to" $in.to "id" "pgbouncer-setting-fixed"
  "what" (printf "pgbouncer.settings contains %s, which has a key of its own" $name)
  "why" "The chart compares it with what the server allows."
  "paste" (printf "pgbouncer:\n  %s: %s" (get $instead $name) (include "kit.scalar" $value))) -}}
{{- else if has $name $fixed -}}
{{- include "kit.problem" (dict "to" $in.to "id" "pgbouncer-setting-fixed"
  "what" (printf "pgbouncer.settings contains %s, which the chart sets itself" $name)
  "why" "Its pods, probes and clients depend on it. TLS is set by database.sslMode, database.ca and pgbouncer.tls."
  "paste" (printf "pgbouncer:\n  settings:\n    %s: null" $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Connections of all pods of PgBouncer, against those of the chart's own PostgreSQL. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.pgbouncerSize" -}}
{{- $v := .root.Values -}}
{{- $pods := kindIs "invalid" $v.pgbouncer.replicas | ternary 1 $v.pgbouncer.replicas | int -}}
{{- /* The migration Job, probes and people need some as well; PostgreSQL keeps three for its owner. */ -}}
{{- $needed := add (mul $pods (add (int $v.pgbouncer.poolSize) (int $v.pgbouncer.reservePoolSize))) 10 -}}
{{- $most := get $v.postgres.settings "max_connections" | default "100" | int -}}
{{- if and $v.postgres.enabled (gt (int $needed) $most) -}}
{{- include "kit.problem" (dict "to" .to "id" "pgbouncer-pool-too-large"
  "what" (printf "pgbouncer.poolSize and reservePoolSize of %d pods are %d connections, but PostgreSQL allows %d"
    $pods (sub $needed 10) $most)
  "why" "Ten more are needed for the migration Job and for people. PgBouncer's clients would wait for connections that fail."
  "paste" (printf "postgres:\n  settings:\n    max_connections: \"%d\"" $needed)) -}}
{{- end -}}
{{- end -}}
