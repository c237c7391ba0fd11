{{- define "kit.validate.database" -}}
{{- $v := .root.Values -}}
{{- if and $v.postgres.enabled $v.database.host -}}
{{- include "kit.problem" (dict "to" .to "id" "database-twice" "what" "database.host is set while postgres.enabled is true"
  "why" "A release has one metadata database: the kit's own, or yours."
  "paste" (printf "postgres:\n  enabled: false\ndatabase:\n  host: %s" $v.database.host)) -}}
{{- else if and (not $v.postgres.enabled) (not $v.database.host) -}}
{{- include "kit.problem" (dict "to" .to "id" "database-missing" "what" "postgres.enabled is false and database.host is empty"
  "why" "Airflow needs a metadata database."
  "paste" "database:\n  host: db.example.com\n  passwordSecret:\n    name: my-database\n    key: password") -}}
{{- end -}}
{{- if and $v.postgres.enabled $v.database.passwordSecret.name -}}
{{- include "kit.problem" (dict "to" .to "id" "database-password-of-own-postgres" "what" "database.passwordSecret.name is set while postgres.enabled is true"
  "why" "The kit's own PostgreSQL takes its password from the keys Secret."
  "paste" (printf "keys:\n  existingSecret: %s" $v.database.passwordSecret.name)) -}}
{{- end -}}
{{- if contains "://" $v.database.host -}}
{{- include "kit.problem" (dict "to" .to "id" "database-host-is-url" "what" "database.host is a URL"
  "why" "It is a host name; the chart composes the URL, so that any character in the password works."
  "paste" (printf "database:\n  host: %s" (urlParse $v.database.host).hostname)) -}}
{{- end -}}
{{- end -}}

{{- define "kit.validate.keys" -}}
{{- $v := .root.Values -}}
{{- if and $v.admin.create (not $v.admin.username) -}}
{{- include "kit.problem" (dict "to" .to "id" "admin-username-empty" "what" "admin.username is empty while admin.create is true"
  "why" "The first user needs a name." "paste" "admin:\n  username: admin") -}}
{{- end -}}
{{- if and $v.logs.remote.enabled (not $v.logs.remote.folder) -}}
{{- include "kit.problem" (dict "to" .to "id" "remote-logs-folder-empty" "what" "logs.remote.folder is empty while logs.remote.enabled is true"
  "why" "Airflow would write to nowhere, and say so only in the log of each task."
  "paste" "logs:\n  remote:\n    enabled: true\n    folder: s3://my-bucket/logs\n    connection: aws_default") -}}
{{- end -}}
{{- end -}}

{{- define "kit.validate.apiServer" -}}
{{- $service := .root.Values.apiServer.service -}}
{{- if and $service.nodePort (ne $service.type "NodePort") (ne $service.type "LoadBalancer") -}}
{{- include "kit.problem" (dict "to" .to "id" "node-port-without-type" "what" "apiServer.service.nodePort is set, but its type is ClusterIP"
  "why" "Kubernetes refuses a nodePort on such a Service."
  "paste" (printf "apiServer:\n  service:\n    type: NodePort\n    nodePort: %d" (int $service.nodePort))) -}}
{{- end -}}
{{- $url := .root.Values.apiServer.baseUrl -}}
{{- if and $url (not (regexMatch "^https?://[^/]+(/.*)?$" $url)) -}}
{{- include "kit.problem" (dict "to" .to "id" "base-url-incomplete" "what" (printf "apiServer.baseUrl is %q" $url)
  "why" "It is what stands in the browser's address line, with http:// or https://."
  "paste" "apiServer:\n  baseUrl: https://airflow.example.com/prefix") -}}
{{- end -}}
{{- end -}}

{{- define "kit.validate.workers" -}}
{{- $to := .to -}}
{{- $v := .root.Values -}}
{{- $other := ne (include "kit.executorNamespace" .root) .root.Release.Namespace -}}
{{- if and $other $v.logs.persistence.enabled (not $v.logs.persistence.existingClaim) -}}
{{- include "kit.problem" (dict "to" .to "id" "logs-across-namespaces" "what" "workers.namespace is another namespace, and logs.persistence.enabled is true"
  "why" "A claim belongs to one namespace, so worker pods there cannot write to the kit's. Use an object store, or a claim of one name in both namespaces on the same storage (logs.persistence.existingClaim)."
  "paste" "logs:\n  persistence:\n    enabled: false\n  remote:\n    enabled: true\n    folder: s3://my-bucket/logs\n    connection: aws_default") -}}
{{- end -}}
{{- if or (hasKey $v.workers.profiles "default") (hasKey $v.workers.templates "default") -}}
{{- include "kit.problem" (dict "to" .to "id" "worker-profile-default" "what" (printf "workers.%s names one `default`" (hasKey $v.workers.profiles "default" | ternary "profiles" "templates"))
  "why" "default.yaml is the pod of every task that picks no profile; the chart writes it from `workers`, and a second one would silently take its place."
  "paste" "workers:  # for every task\n  nodeSelector: {disk: ssd}\n  profiles:\n    gpu: {}  # for those that pick it: any other name") -}}
{{- end -}}
{{- range $name, $profile := $v.workers.profiles -}}
{{- $first := get (($profile.containers | default (list dict)) | first) "name" -}}
{{- if not (has $first (list "" "base")) -}}
{{- include "kit.problem" (dict "to" $to "id" "worker-profile-first" "what" (printf "The first container of workers.profiles.%s is %s" $name $first)
  "why" "It is merged over the task container, `base`, whose image and command would become those of another program."
  "paste" (printf "workers:\n  profiles:\n    %s:\n      containers:\n        - name: base\n        - name: %s  # a sidecar that ends with the task: initContainers, with restartPolicy: Always" $name $first)) -}}
{{- end -}}
{{- end -}}
{{- range keys $v.workers.profiles | sortAlpha -}}
{{- if hasKey $v.workers.templates . -}}
{{- include "kit.problem" (dict "to" $to "id" "worker-profile-twice" "what" (printf "workers.profiles and workers.templates both name %s" .)
  "why" "Both would write the same file of /opt/airflow/pod_templates, and one would silently win."
  "paste" (printf "workers:\n  templates:\n    %s-whole: ...  # a name of its own" .)) -}}
{{- end -}}
{{- end -}}
{{- if and $v.workers.allowExec (not $v.workers.podOperatorRights) -}}
{{- include "kit.problem" (dict "to" .to "id" "exec-without-rights" "what" "workers.allowExec is true, but workers.podOperatorRights is false"
  "why" "pods/exec is added to those rights, and alone it would do nothing."
  "paste" "workers:\n  podOperatorRights: true\n  allowExec: true") -}}
{{- end -}}
{{- end -}}

{{- define "kit.validate.accounts" -}}
{{- $to := .to -}}
{{- $values := .root.Values -}}
{{- range $key := list "apiServer" "scheduler" "dagProcessor" "triggerer" "workers" -}}
{{- $account := (get $values $key).serviceAccount -}}
{{- if and (not $account.create) (not $account.name) -}}
{{- include "kit.problem" (dict "to" $to "id" "service-account-unnamed" "what" (printf "%s.serviceAccount.create is false, and its name is empty" $key)
  "why" "Pods would run as an account that nobody makes, and never start."
  "paste" (printf "%s:\n  serviceAccount:\n    create: false\n    name: my-account" $key)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "kit.validate.dags" -}}
{{- $to := .to -}}
{{- $ids := dict "pvc" "dags-pvc-invalid" "git" "dags-git-invalid" "bundle" "dags-bundle-invalid" -}}
{{- $id := get $ids (include "kit.dags.mode" .root) -}}
{{- range include "kit.dags.slot" (dict "root" .root "slot" "validate") | splitList "\n" -}}
{{- if trim . -}}
{{- $parts := splitn " | " 2 (trim .) -}}
{{- $keyed := splitn ": " 2 $parts._0 -}}
{{- include "kit.problem" (dict "to" $to "id" $id "what" (printf "%s does not fit" $keyed._0) "why" (printf "Because %s." $keyed._1) "paste" $parts._1) -}}
{{- end -}}
{{- end -}}
{{- end -}}
