{{/* What every Airflow container knows about its release. Input: the root. Output: YAML list entries. */}}
{{- define "kit.env.release" -}}
{{- $v := .Values -}}
- {name: AIRFLOW_HOME, value: /opt/airflow}
# The entrypoint of the official image would import Airflow once more, only to look at the database.
- {name: CONNECTION_CHECK_MAX_COUNT, value: "0"}
# For DAGs that need an image which is on every node already (dags/example_sidecar.py).
- {name: AIRFLOW_KIT_IMAGE, value: {{ include "kit.image" . | quote }}}
{{- with $v.dags.specialImage }}
- {name: EXAMPLE_SPECIAL_IMAGE, value: {{ . | quote }}}
{{- end }}
- {name: AIRFLOW__CORE__EXECUTOR, value: {{ join "," $v.executors | quote }}}
- {name: AIRFLOW__CORE__EXECUTION_API_SERVER_URL, value: {{ include "kit.executionApiUrl" . | quote }}}
- {name: AIRFLOW__CORE__DAGS_FOLDER, value: {{ $v.dags.path | quote }}}
- {name: AIRFLOW__CORE__LOAD_EXAMPLES, value: {{ $v.dags.loadExamples | ternary "True" "False" | quote }}}
- {name: AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL, value: {{ $v.dags.refreshSeconds | int | quote }}}
- {name: AIRFLOW__LOGGING__LOGGING_LEVEL, value: {{ $v.logs.level | quote }}}
{{- if eq $v.logs.format "json" }}
- {name: AIRFLOW__LOGGING__JSON_LOGS, value: "True"}
{{- end }}
{{- with include "kit.baseUrl" . }}
- {name: AIRFLOW__API__BASE_URL, value: {{ . | quote }}}
{{- end }}
{{- end -}}
