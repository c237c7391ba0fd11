{{/* Rules of the database: the kit's own, or the user's. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.postgres" -}}
{{- $v := .root.Values -}}
{{- $url := $v.database.urlSecret.name -}}
{{- if and $v.postgres.enabled (or $v.database.host $url) -}}
{{- include "kit.problem" (dict "to" .to "id" "database-twice"
  "what" (printf "database.%s is set while postgres.enabled is true" (empty $url | ternary "host" "urlSecret.name"))
  "why" "A release has one metadata database, either the chart's PostgreSQL or yours."
  "paste" (printf "postgres:\n  enabled: false\ndatabase:\n  %s"
    (empty $url | ternary (printf "host: %s" $v.database.host) (printf "urlSecret:\n    name: %s" $url)))) -}}
{{- else if not (or $v.postgres.enabled $v.database.host $url) -}}
{{- include "kit.problem" (dict "to" .to "id" "database-missing"
  "what" "postgres.enabled is false, but database.host and database.urlSecret.name are empty"
  "why" "Airflow needs a metadata database."
  "paste" "database:\n  host: db.example.com\n  passwordSecret:\n    name: my-database\n    key: password") -}}
{{- end -}}
{{- $password := $v.database.passwordSecret -}}
{{- if and $v.postgres.enabled (or $password.name $password.userKey) -}}
{{- include "kit.problem" (dict "to" .to "id" "database-password-of-own-postgres"
  "what" (printf "database.passwordSecret.%s is set while postgres.enabled is true" (empty $password.name | ternary "userKey" "name"))
  "why" "The chart's own PostgreSQL takes its password from the keys Secret, and its user from database.user."
  "paste" (empty $password.name | ternary "database:\n  user: airflow\n  passwordSecret: {userKey: \"\"}"
    (printf "keys:\n  existingSecret: %s" $password.name))) -}}
{{- end -}}
{{- $scheme := regexFind "^[a-zA-Z][a-zA-Z0-9+]*:" $v.database.host | lower -}}
{{- if regexMatch "^(mysql|mariadb|sqlite|mssql|oracle)" $scheme -}}
{{- include "kit.problem" (dict "to" .to "id" "database-not-postgresql"
  "what" (printf "database.host is a URL of %s" (trimSuffix ":" $scheme))
  "why" "The chart supports PostgreSQL only: its probes, waits and migrations ask the database in PostgreSQL's own words."
  "paste" "database:\n  host: db.example.com    # a PostgreSQL") -}}
{{- else if contains "://" $v.database.host -}}
{{- include "kit.problem" (dict "to" .to "id" "database-host-is-url" "what" "database.host is a URL"
  "why" "It must be a host name. The chart builds the URL itself, so that any character in the password works."
  "paste" (printf "database:\n  host: %s" (urlParse $v.database.host).hostname)) -}}
{{- end -}}
{{- include "kit.validate.hostAlone" (dict "to" .to "key" "database" "host" $v.database.host) -}}
{{- include "kit.validate.databaseUrl" . -}}
{{- include "kit.validate.databaseLogin" . -}}
{{- end -}}

{{/*
A host without its port. An IPv6 address has several colons. Input: to, key (the section in which `host` and `port` stand), host.
Output: nothing.
*/}}
{{- define "kit.validate.hostAlone" -}}
{{- if regexMatch "^[^:]+:[0-9]+$" .host -}}
{{- $parts := splitList ":" .host -}}
{{- include "kit.problem" (dict "to" .to "id" "host-with-port" "what" (printf "%s.host contains a port: %s" .key .host)
  "why" "The chart would take it for a part of the name. The port has a key of its own."
  "paste" (include "kit.nested" (dict "key" .key "value" (dict "host" (first $parts) "port" (last $parts | int))))) -}}
{{- end -}}
{{- end -}}

{{/* Rules of a URL in a Secret. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.databaseUrl" -}}
{{- $db := .root.Values.database -}}
{{- with $db.urlSecret -}}
{{- if and .name (or $db.host $db.passwordSecret.name) -}}
{{- include "kit.problem" (dict "to" $.to "id" "database-url-twice"
  "what" (printf "database.urlSecret.name and database.%s are both set" (empty $db.host | ternary "passwordSecret.name" "host"))
  "why" "The URL names host, user and password, too."
  "paste" "database:\n  host: \"\"\n  passwordSecret:\n    name: \"\"") -}}
{{- end -}}
{{- if and .name (not .key) -}}
{{- include "kit.problem" (dict "to" $.to "id" "database-url-key-empty" "what" "database.urlSecret.key is empty"
  "why" "It is the key of the URL in that Secret." "paste" "database:\n  urlSecret:\n    key: uri") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Rules of TLS and log-in. Input: root, to. Output: nothing. */}}
{{- define "kit.validate.databaseLogin" -}}
{{- $v := .root.Values -}}
{{- $db := $v.database -}}
{{- $ca := or $db.ca.configMap $db.ca.secret -}}
{{- $verifies := hasPrefix "verify-" $db.sslMode -}}
{{- $named := list -}}
{{- range concat $v.env $v.pods.env -}}{{- $named = append $named .name -}}{{- end -}}
{{- $tls := has $db.sslMode (list "require" "verify-ca" "verify-full") -}}
{{- if and $v.postgres.enabled (or $tls $ca $db.clientCertificate.secret (not $db.password)) -}}
{{- include "kit.problem" (dict "to" .to "id" "database-tls-of-own-postgres"
  "what" "database.sslMode, ca, clientCertificate or password is set while postgres.enabled is true"
  "why" "The chart's own PostgreSQL has no TLS and takes the password from the keys Secret. These keys are for an external database."
  "paste" "postgres:\n  enabled: false\ndatabase:\n  host: db.example.com") -}}
{{- end -}}
{{- if and $db.ca.configMap $db.ca.secret -}}
{{- include "kit.problem" (dict "to" .to "id" "database-ca-twice" "what" "database.ca.configMap and database.ca.secret are both set"
  "why" "The CA certificates come from one place."
  "paste" (printf "database:\n  ca:\n    configMap: %s\n    secret: \"\"" $db.ca.configMap)) -}}
{{- end -}}
{{- if and $ca (not $verifies) -}}
{{- include "kit.problem" (dict "to" .to "id" "database-ca-unused"
  "what" (printf "database.ca is set, but database.sslMode %q does not verify the server" $db.sslMode)
  "why" "The drivers that Airflow uses disagree about a CA in this mode: one verifies the server, the other does not."
  "paste" "database:\n  sslMode: verify-full") -}}
{{- end -}}
{{- if and $verifies (not $ca) (not (has "PGSSLROOTCERT" $named)) (not $v.envFrom) -}}
{{- include "kit.problem" (dict "to" .to "id" "database-ca-missing" "what" (printf "database.sslMode is %s, but there is no CA" $db.sslMode)
  "why" "The drivers do not use the CAs of the image: without a file to verify the server with, no pod connects."
  "paste" (print "database:\n  ca:\n    configMap: database-ca    # key ca.crt\n# or, for a file in the image:\nenv:\n"
    "  - {name: PGSSLROOTCERT, value: /etc/ssl/certs/ca-certificates.crt}")) -}}
{{- end -}}
{{- if and (not $db.password) $db.passwordSecret.name (not $db.passwordSecret.userKey) -}}
{{- include "kit.problem" (dict "to" .to "id" "database-password-unused"
  "what" "database.passwordSecret.name is set, but database.password is false"
  "why" "Airflow would log in without the password." "paste" "database:\n  password: true") -}}
{{- end -}}
{{- end -}}
