{{/* Rules of values.config. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.config" -}}
{{- $to := .to -}}
{{- if .root.Values.config -}}
{{- $owned := include "kit.ownedOptions" .root | fromYaml -}}
{{- $table := include "kit.config.table" .root | fromYaml -}}
{{- range $section, $options := .root.Values.config -}}
{{- include "kit.validate.section" (dict "root" $.root "to" $to "table" $table "section" $section) -}}
{{- range $key, $value := $options -}}
{{- $in := dict "root" $.root "to" $to "table" $table "section" $section "option" $key "value" $value -}}
{{- $new := include "kit.config.renamed" (dict "table" $table "section" (lower $section) "option" (lower $key)) -}}
{{- $now := $new | default (printf "%s.%s" $section $key | lower) -}}
{{- /* Airflow also takes the value from a command or a secrets backend, which the scripts and waits of the kit do not ask. */ -}}
{{- with get $owned $now | default (get $owned (regexReplaceAll "_(cmd|secret)$" $now "")) -}}
{{- include "kit.problem" (dict "to" $to "id" "config-owned-by-chart"
  "what" (printf "config.%s.%s is set by the chart" $section $key)
  "why" (printf "Because %s." (first .)) "paste" (last .)) -}}
{{- else -}}
{{- if and $value (has $now $table.sensitive) -}}
{{- $variable := $now | replace "." "__" | upper -}}
{{- include "kit.problem" (dict "to" $to "id" "config-secret"
  "what" (printf "config.%s.%s may hold a secret" $section $key)
  "why" (list "Everybody who can read ConfigMaps or the history of the release could read it. Take it from a Secret,"
    (printf "or let Airflow fetch it: config.%s_cmd or …_secret." $now))
  "paste" (list "env:" (printf "  - name: AIRFLOW__%s" $variable)
    (printf "    valueFrom: {secretKeyRef: {name: my-airflow-secrets, key: %s}}" (lower $key)))) -}}
{{- else -}}
{{- include "kit.validate.option" (merge (dict "new" $new) $in) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "kit.validate.configBundles" . -}}
{{- end -}}

{{/*
Options of airflow.cfg that the chart sets itself: a second value would win over the chart's and break the release, or lose against an
argument and have no effect. Input: the root. Output: a YAML map from section.key to the reason and to what can be set instead.
*/}}
{{- define "kit.ownedOptions" -}}
{{- if eq (include "kit.dags.mode" .) "bundle" }}
dag_processor.dag_bundle_storage_path:
  - the volume of the clones is mounted at /opt/airflow/bundles
  - "dags:\n  bundle:\n    cache: {size: 5Gi}"
{{- end }}
core.executor:
  - "`executors` lists them and decides what else is deployed"
  - "executors: [KubernetesExecutor]"
core.auth_manager:
  - "`auth.manager` sets it together with what the auth manager needs"
  - "auth:\n  manager: simple"
core.simple_auth_manager_users: &simple
  - "`auth.simple` sets it, and the file of the passwords with it"
  - "auth:\n  manager: simple\n  simple:\n    users: {jane: viewer}\n    passwordsSecret: {name: airflow-passwords}"
core.simple_auth_manager_passwords_file: *simple
core.simple_auth_manager_all_admins:
  - "`auth.simple.allAdmins` sets it, and warns of it"
  - "auth:\n  manager: simple\n  simple:\n    allAdmins: true"
core.fernet_key:
  - it is in the keys Secret and never changes; here it would be stored in the history of the release
  - "keys:\n  existingSecret: my-keys"
core.dags_folder:
  - "`dags` decides where DAGs are"
  - "dags:\n  path: /opt/airflow/dags"
core.load_examples:
  - "`dags.loadExamples` sets it together with what the examples need"
  - "dags:\n  loadExamples: true"
core.execution_api_server_url:
  - tasks report to the release's own Service, which the chart knows
  - "apiServer:\n  baseUrl: https://airflow.example.com"
core.hostname_callable:
  - the probes and the log server rely on the chart's choice
  - (remove config.core.hostname_callable)
database.sql_alchemy_conn: &url
  - the URL would store the password in the history of the release
  - "database:\n  host: db.example.com\n  passwordSecret:\n    name: my-database"
database.sql_alchemy_conn_async: *url
database.sql_alchemy_conn_cmd: &login
  - the containers that wait for the database read its address and login from the values, and would wait for ever
  - "# A proxy in each pod logs in with a token (docs/database.md):\ndatabase:\n  host: 127.0.0.1\n  password: false"
database.sql_alchemy_conn_async_cmd: *login
database.sql_alchemy_conn_secret: *login
database.sql_alchemy_conn_async_secret: *login
database.sql_alchemy_schema:
  - the containers that wait for the database, and the probes, look for Airflow's tables where the user's search path leads
  - "# Once, in the database:\n# ALTER ROLE airflow SET search_path = my_schema;"
api.secret_key:
  - it is in the keys Secret, and all replicas share it
  - "keys:\n  existingSecret: my-keys"
api.base_url:
  - "`apiServer.baseUrl` also sets the paths of probes and of tasks' reports"
  - "apiServer:\n  baseUrl: https://airflow.example.com"
api.port:
  - the Service, the probes and the network policies use port 8080 of the pod
  - "apiServer:\n  service:\n    port: 8080"
api.workers:
  - "`apiServer.workers` is an argument of the API server, and arguments win"
  - "apiServer:\n  workers: 2"
api.ssl_cert: &tls
  - the probes, the Service and the tasks speak HTTP with the API server, which would then answer none of them
  - "ingress:\n  ui:\n    tls: [{secretName: airflow-tls}]"
api.ssl_key: *tls
api_auth.jwt_secret:
  - it is in the keys Secret; a different key would end running tasks
  - "keys:\n  existingSecret: my-keys"
scheduler.enable_health_check:
  - the scheduler's probes use its health server
  - (remove config.scheduler.enable_health_check)
scheduler.scheduler_health_check_server_port:
  - the scheduler's probes use port 8974
  - (remove config.scheduler.scheduler_health_check_server_port)
logging.base_log_folder:
  - the claim of the logs is mounted at /opt/airflow/logs
  - (remove config.logging.base_log_folder)
logging.trigger_log_server_port:
  - the network policies allow port 8794
  - (remove config.logging.trigger_log_server_port)
logging.worker_log_server_port:
  - the Service of the workers and the network policies use port 8793
  - (remove config.logging.worker_log_server_port)
triggerer.capacity:
  - "`triggerer.capacity` is an argument of the triggerer, and arguments win"
  - "triggerer:\n  capacity: 2000"
celery.broker_url:
  - the URL would store the password in the history of the release
  - "broker:\n  kind: external\n  external:\n    urlSecret:\n      name: my-broker"
celery.flower_url_prefix:
  - Flower runs without Airflow, and does not read airflow.cfg
  - "flower:\n  urlPrefix: /flower"
celery.flower_basic_auth:
  - Flower runs without Airflow, and takes its password from the keys Secret (`flower-password`)
  - "flower:\n  username: admin"
celery.flower_host: &flower
  - the Service, the probes and the network policies use port 5555 of Flower
  - "flower:\n  service:\n    port: 5555"
celery.flower_port: *flower
celery.worker_concurrency:
  - "`workers.celery.concurrency` is the argument of the workers, which wins"
  - "workers:\n  celery:\n    concurrency: 16"
keycloak_auth_manager.server_url: &keycloak
  - "`auth.keycloak` sets it"
  - "auth:\n  manager: keycloak\n  keycloak:\n    serverUrl: https://sso.example.com"
keycloak_auth_manager.realm: *keycloak
keycloak_auth_manager.client_id: *keycloak
keycloak_auth_manager.client_secret:
  - the secret would be stored in the history of the release
  - "auth:\n  manager: keycloak\n  keycloak:\n    clientSecret: {name: keycloak-client}"
kubernetes_executor.namespace:
  - roles and service accounts are created in that namespace
  - "workers:\n  namespace: airflow-tasks"
kubernetes_executor.multi_namespace_mode: &namespaces
  - the scheduler may only see and create pods in the namespace of the worker pods
  - "workers:\n  namespace: airflow-tasks"
kubernetes_executor.multi_namespace_mode_namespace_list: *namespaces
kubernetes_executor.pod_template_file:
  - the chart mounts its own there; variants are profiles
  - "workers:\n  profiles:\n    gpu:\n      nodeSelector: {gpu: \"true\"}"
kubernetes_executor.worker_container_repository:
  - every component and every worker pod uses the same image
  - "image:\n  repository: registry.example.com/airflow"
kubernetes_executor.worker_container_tag:
  - every component and every worker pod uses the same image
  - "image:\n  tag: \"1\""
{{- end -}}
