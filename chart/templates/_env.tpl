{{/*
Environment of an Airflow container: facts of the release, then values.config, then the DAG mode, then values.env. A
later entry replaces an earlier one of the same name, so the list never names a variable twice.
Input: root, role (api-server, scheduler, dag-processor, triggerer, worker, migrate); optional env (more entries).
Output: a YAML list. Policy that is the same in each release stands in airflow.cfg, not here.
*/}}
{{- define "kit.env" -}}
{{- $entries := include "kit.env.facts" . | fromYamlArray -}}
{{- $entries = concat $entries (include "kit.env.config" .root | fromYamlArray) -}}
{{- $entries = concat $entries (include "kit.dags.slot" (dict "root" .root "slot" "env" "role" .role) | fromYamlArray) -}}
{{- $entries = concat $entries .root.Values.env (.env | default list) -}}
{{- $byName := dict -}}
{{- $names := list -}}
{{- range $entries -}}
{{- $names = append $names .name -}}
{{- $_ := set $byName .name . -}}
{{- end -}}
{{- $result := list -}}
{{- range uniq $names -}}
{{- $result = append $result (get $byName .) -}}
{{- end -}}
{{- toYaml $result -}}
{{- end -}}

{{/* Facts of the release. Input: root, role. Output: a YAML list. */}}
{{- define "kit.env.facts" -}}
{{- $v := .root.Values -}}
- {name: AIRFLOW_HOME, value: /opt/airflow}
# The official image's entrypoint would import Airflow once more, only to look at the database.
- {name: CONNECTION_CHECK_MAX_COUNT, value: "0"}
# For DAGs that need an image which is on every node already (dags/example_sidecar.py).
- {name: AIRFLOW_KIT_IMAGE, value: {{ include "kit.image" .root | quote }}}
{{- with $v.dags.specialImage }}
- {name: EXAMPLE_SPECIAL_IMAGE, value: {{ . | quote }}}
{{- end }}
- {name: AIRFLOW__CORE__EXECUTOR, value: {{ join "," $v.executors | quote }}}
- {name: AIRFLOW__CORE__EXECUTION_API_SERVER_URL, value: {{ include "kit.executionApiUrl" .root | quote }}}
- {name: AIRFLOW__CORE__DAGS_FOLDER, value: {{ $v.dags.path | quote }}}
- {name: AIRFLOW__CORE__LOAD_EXAMPLES, value: {{ $v.dags.loadExamples | ternary "True" "False" | quote }}}
- {name: AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL, value: {{ $v.dags.refreshSeconds | int | quote }}}
- {name: AIRFLOW__LOGGING__LOGGING_LEVEL, value: {{ $v.logs.level | quote }}}
{{- with $v.apiServer.baseUrl }}
- {name: AIRFLOW__API__BASE_URL, value: {{ . | quote }}}
{{- end }}
{{- include "kit.env.remoteLogs" $v.logs.remote }}
{{- include "kit.env.executor" . }}
{{- if ne .role "worker" }}
{{- include "kit.env.database" .root }}
{{- include "kit.env.keys" . }}
{{- end }}
{{- $runsTasks := and (eq .role "scheduler") (include "kit.hasExecutor" (dict "root" .root "executor" "LocalExecutor")) }}
{{- if or (eq .role "triggerer") $runsTasks }}
# The API server fetches logs of what runs here from this name, and only the address of a pod resolves.
- {name: AIRFLOW__CORE__HOSTNAME_CALLABLE, value: airflow.utils.net.get_host_ip_address}
{{- end }}
{{- end -}}

{{/* Task logs in an object store. Input: logs.remote. */}}
{{- define "kit.env.remoteLogs" -}}
{{- if .enabled }}
- {name: AIRFLOW__LOGGING__REMOTE_LOGGING, value: "True"}
- {name: AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER, value: {{ .folder | quote }}}
- {name: AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID, value: {{ .connection | quote }}}
- {name: AIRFLOW__LOGGING__ENCRYPT_S3_LOGS, value: {{ .encrypt | ternary "True" "False" | quote }}}
{{- end }}
{{- end -}}

{{/*
The KubernetesExecutor. Input: root, role. The API server needs the namespace too, to read logs of running tasks.
worker_container_* stay blank, since both set would override the image of every pod template; the bundled
example_kubernetes_executor cannot be parsed without them, so they come with the examples.
*/}}
{{- define "kit.env.executor" -}}
{{- $v := .root.Values -}}
{{- if include "kit.hasExecutor" (dict "root" .root "executor" "KubernetesExecutor") }}
- {name: AIRFLOW__KUBERNETES_EXECUTOR__NAMESPACE, value: {{ include "kit.executorNamespace" .root | quote }}}
{{- if and $v.dags.loadExamples (not $v.image.digest) }}
- {name: AIRFLOW__KUBERNETES_EXECUTOR__WORKER_CONTAINER_REPOSITORY, value: {{ $v.image.repository | quote }}}
- {name: AIRFLOW__KUBERNETES_EXECUTOR__WORKER_CONTAINER_TAG, value: {{ $v.image.tag | default $v.airflowVersion | quote }}}
{{- end }}
{{- if eq .role "scheduler" }}
- {name: AIRFLOW__KUBERNETES_EXECUTOR__WORKER_PODS_CREATION_BATCH_SIZE, value: {{ $v.workers.creationBatchSize | int | quote }}}
- {name: AIRFLOW__KUBERNETES_EXECUTOR__DELETE_WORKER_PODS, value: {{ $v.workers.deletePods | ternary "True" "False" | quote }}}
- {name: AIRFLOW__KUBERNETES_EXECUTOR__DELETE_WORKER_PODS_ON_FAILURE, value: {{ $v.workers.deletePodsOnFailure | ternary "True" "False" | quote }}}
{{- end }}
{{- end }}
{{- end -}}

{{/*
The database. Input: the root. The URL is made by a command from files: no password stands in the environment, any
character in it works, and Airflow does not expand `$` in what a command prints.
*/}}
{{- define "kit.env.database" -}}
{{- $db := .Values.database }}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD, value: python3 -IS /opt/airflow/kit/database_url.py}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD, value: python3 -IS /opt/airflow/kit/database_url.py --async}
- {name: KIT_DATABASE_HOST, value: {{ include "kit.databaseHost" . | quote }}}
- {name: KIT_DATABASE_PORT, value: {{ .Values.postgres.enabled | ternary 5432 $db.port | int | quote }}}
- {name: KIT_DATABASE_NAME, value: {{ $db.name | quote }}}
- {name: KIT_DATABASE_USER, value: {{ $db.user | quote }}}
{{- with $db.sslMode }}
- {name: KIT_DATABASE_SSLMODE, value: {{ . | quote }}}
{{- end }}
- {name: KIT_WAIT_TIMEOUT_SECONDS, value: {{ $db.waitTimeoutSeconds | int | quote }}}
{{- if .Values.postgres.enabled }}
- {name: KIT_DATABASE_CLAIM, value: {{ include "kit.postgresClaim" . | quote }}}
{{- end }}
{{- end -}}

{{/* Keys that a role holds, read from files by commands. Input: root, role. */}}
{{- define "kit.env.keys" -}}
{{- $options := dict "fernet-key" "CORE__FERNET_KEY" "jwt-secret" "API_AUTH__JWT_SECRET" "api-secret-key" "API__SECRET_KEY" -}}
{{- range $key := include "kit.secretKeys" . | fromJsonArray }}
{{- with get $options $key }}
- {name: AIRFLOW__{{ . }}_CMD, value: cat /opt/airflow/secrets/{{ $key }}}
{{- end }}
{{- end }}
{{- end -}}

{{/*
values.config as environment. Airflow looks for AIRFLOW__<SECTION>__<KEY>, upper case, with a dot of the section as an
underscore. Input: the root. Output: a YAML list, sorted.
*/}}
{{- define "kit.env.config" -}}
{{- range $section, $options := .Values.config }}
{{- range $key, $value := $options }}
- name: AIRFLOW__{{ $section | replace "." "_" | upper }}__{{ $key | upper }}
  value: {{ include "kit.scalar" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
A scalar as Airflow reads it. Input: a value. Output: True and False in Python's spelling; whole numbers without the
exponent that Go prints from a million on.
*/}}
{{- define "kit.scalar" -}}
{{- if kindIs "bool" . -}}
{{- . | ternary "True" "False" -}}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}
