{{/*
Facts for the cluster policies in files/policy. A scheduler that launches worker pods guards them (guard.py), and sees only those of
its release, as the API server does, which reads their logs (scope.py). Where tasks run that may launch pods of their own, those get
the security context of worker pods (operator_pods.py). Celery workers drop messages that the broker sends a second time
(redelivery.py). Input: root, role. Output: YAML list entries.
*/}}
{{- define "kit.env.policy" -}}
{{- if and (eq .role "scheduler") (include "kit.hasExecutor" (dict "root" .root "executor" "KubernetesExecutor")) }}
- {name: AIRFLOW_KIT_GUARD, value: {{ include "kit.policy.guard" .root | quote }}}
{{- end }}
{{- if and (has .role (list "api-server" "scheduler")) (include "kit.workers.scoped" .root) }}
- {name: AIRFLOW_KIT_POD_SCOPE, value: {{ .root.Release.Name | quote }}}
{{- end }}
{{- $may := and .root.Values.workers.podOperatorRights .root.Values.workers.restrictOperatorPods }}
{{- if and $may (include "kit.runsTasks" .) }}
- {name: AIRFLOW_KIT_OPERATOR_PODS, value: {{ include "kit.policy.operatorPods" .root | quote }}}
{{- end }}
{{- if eq .role "celery" }}
- {name: AIRFLOW_KIT_REDELIVERY, value: drop}
{{- end }}
{{- end -}}

{{/* What belongs to the release and to no task. Input: the root. Output: JSON, see FACTS of files/policy/guard.py. */}}
{{- define "kit.policy.guard" -}}
{{- $v := .Values -}}
{{- $secrets := list (include "kit.keysSecret" .) (include "kit.passwordSecret" .) -}}
{{- $secrets = concat $secrets (list $v.database.urlSecret.name $v.pgbouncer.tls.secret) -}}
{{- with $v.database.clientCertificate.secret -}}{{- $secrets = append $secrets . -}}{{- end -}}
{{- $secrets = concat $secrets (list $v.auth.simple.passwordsSecret.name $v.auth.keycloak.clientSecret.name) -}}
{{- with $v.broker.external -}}
{{- $secrets = concat $secrets (list .urlSecret.name .passwordSecret.name) -}}
{{- end -}}
{{- $accounts := list -}}
{{- range $component, $section := dict "api-server" $v.apiServer "scheduler" $v.scheduler "dag-processor" $v.dagProcessor
  "triggerer" $v.triggerer "migrate" $v.migrations "keys" $v.keys.bootstrap "pgbouncer" $v.pgbouncer
  "clean-logs" $v.logs.persistence.retention "clean-db" $v.databaseCleanup "clean-pods" $v.workers.cleanup
  "objects" $v.objects.job -}}
{{- $accounts = append $accounts (include "kit.serviceAccountName" (dict "root" $ "component" $component "values" $section)) -}}
{{- end -}}
{{- $accounts = concat $accounts (include "kit.celery.accounts" . | fromJsonArray) -}}
{{- if $v.flower.enabled -}}
{{- $accounts = append $accounts (include "kit.serviceAccountName" (dict "root" . "component" "flower" "values" $v.flower)) -}}
{{- end -}}
{{- $claims := list -}}
{{- if $v.dags.bundle.cache -}}{{- $claims = append $claims (include "kit.bundlesClaim" .) -}}{{- end -}}
{{- if $v.postgres.enabled -}}{{- $claims = append $claims (include "kit.postgresClaim" .) -}}{{- end -}}
{{- with include "kit.broker.component" . -}}
{{- $own := printf "data-%s-0" (include "kit.name" (dict "root" $ "component" .)) -}}
{{- $claims = append $claims ((get $v.broker .).storage.existingClaim | default $own) -}}
{{- end -}}
{{- dict "secrets" (compact $secrets | uniq | sortAlpha) "accounts" (uniq $accounts | sortAlpha) "claims" $claims
  "readOnlyClaims" (list (include "kit.dagsClaim" .))
  "labels" (include "kit.selector" (dict "root" . "component" "worker") | fromJson) | toJson -}}
{{- end -}}

{{/*
What pods get that tasks launch: the worker pods' security contexts, but a writable root file system and no group, which images
without Airflow need. Input: the root. Output: JSON, see FACTS of files/policy/operator_pods.py.
*/}}
{{- define "kit.policy.operatorPods" -}}
{{- $section := include "kit.workers.section" . | fromJson -}}
{{- $pod := include "kit.podSecurityContext" (dict "section" $section "user" 50000) | fromYaml -}}
{{- $container := include "kit.containerSecurityContext" (dict "section" $section) | fromYaml -}}
{{- dict "pod" (omit $pod "runAsGroup" "supplementalGroups")
  "container" (omit $container "readOnlyRootFilesystem" "runAsNonRoot")
  "image" (include "kit.image" .) "pullPolicy" .Values.image.pullPolicy "pullSecrets" .Values.image.pullSecrets | toJson -}}
{{- end -}}

{{/* The volume of the policies, where a role needs them. Input: root, role. Output: a YAML list. */}}
{{- define "kit.policy.volumes" -}}
{{- if include "kit.env.policy" . | trim }}
- name: airflow-kit-policy
  configMap:
    name: {{ include "kit.name" (dict "root" .root "component" "config") }}
    items:
      {{- range $path, $_ := .root.Files.Glob "files/policy/*" }}
      - {key: {{ base $path }}, path: {{ regexMatch "\\.py$" $path | ternary "package" "dist-info" }}/{{ base $path }}}
      {{- end }}
{{- else -}}
[]
{{- end }}
{{- end -}}

{{/* Its mounts. Airflow looks for policies where its config folder is. Input: root, role. Output: a YAML list. */}}
{{- define "kit.policy.mounts" -}}
{{- if include "kit.env.policy" . | trim }}
- {name: airflow-kit-policy, mountPath: /opt/airflow/config/airflow_kit_policy, subPath: package, readOnly: true}
- {name: airflow-kit-policy, mountPath: /opt/airflow/config/airflow_kit_policy.dist-info, subPath: dist-info, readOnly: true}
{{- else -}}
[]
{{- end }}
{{- end -}}
