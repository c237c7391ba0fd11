{{/*
values.config as environment: Airflow looks for AIRFLOW__<SECTION>__<KEY> in upper case, with an underscore for a dot in
the section. The migration gets no section that only other processes read: any change of its pod runs it again. Input: root, role.
Output: a YAML list, sorted.
*/}}
{{- define "kit.env.config" -}}
{{- $others := list "celery" "dag_processor" "email" "kubernetes_executor" "metrics" "operators" "scheduler" "smtp" "triggerer" -}}
{{- range $section, $options := .root.Values.config }}
{{- if not (and (eq $.role "migrate") (has $section $others)) }}
{{- range $key, $value := $options }}
- name: AIRFLOW__{{ $section | replace "." "_" | upper }}__{{ $key | upper }}
  value: {{ include "kit.scalar" $value | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
A scalar as Airflow and PostgreSQL read it: True and False in Python's spelling, and whole numbers without the exponent
that Go prints from a million on. Input: a value. Output: text.
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
