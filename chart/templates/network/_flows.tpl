{{/*
The table of flows: which component may open a connection to which. The policies are made from it. `from` and `to` are
components, or anywhere; a flow to anywhere without a port means any port. Input: the root. Output: a YAML list of
{from, to, port, peers}; `peers` is the key of networkPolicy that narrows a flow from anywhere.
*/}}
{{- define "kit.flows" -}}
{{- $local := include "kit.runsTasks" (dict "root" . "role" "scheduler") -}}
{{- $kubernetes := include "kit.hasExecutor" (dict "root" . "executor" "KubernetesExecutor") -}}
{{- $workers := include "kit.runsTasks" (dict "root" . "role" "worker") -}}
{{- $celery := include "kit.runsTasks" (dict "root" . "role" "celery") -}}
{{- $withDatabase := list "api-server" "scheduler" "dag-processor" "triggerer" "migrate" -}}
{{- if $celery -}}{{- $withDatabase = append $withDatabase "celery" -}}{{- end -}}
{{- if include "kit.cleans" (dict "root" . "component" "clean-db") -}}{{- $withDatabase = append $withDatabase "clean-db" -}}{{- end -}}
{{- if .Values.pgbouncer.enabled -}}{{- $withDatabase = append $withDatabase "pgbouncer" -}}{{- end -}}
{{- range $withDatabase }}
{{- if include "kit.pooled" (dict "root" $ "role" .) }}
- {from: {{ . }}, to: pgbouncer, port: 6432}
{{- else if $.Values.postgres.enabled }}
- {from: {{ . }}, to: postgres, port: 5432}
{{- else }}
- {from: {{ . }}, to: anywhere, port: {{ $.Values.database.port | int }}}
{{- end }}
{{- end }}
{{- if and .Values.postgres.enabled (include "kit.celery.hasKeda" .) }}
- {from: anywhere, to: postgres, port: 5432, peers: kedaFrom}  # KEDA counts tasks
{{- end }}
- {from: anywhere, to: api-server, port: 8080, peers: apiServerFrom}  # browsers, ingress controllers
{{- if $workers }}
- {from: worker, to: api-server, port: 8080}     # tasks report
- {from: worker, to: anywhere}                   # what they call cannot be known
{{- end }}
{{- if $celery }}
{{- $port := include "kit.broker.slot" (dict "root" . "slot" "port") }}
- {from: scheduler, to: {{ include "kit.broker.component" . | default "anywhere" }}, port: {{ $port }}}  # tasks are queued
- {from: celery, to: {{ include "kit.broker.component" . | default "anywhere" }}, port: {{ $port }}}
- {from: celery, to: api-server, port: 8080}     # tasks report
- {from: celery, to: anywhere}                   # what they call, and git
- {from: api-server, to: celery, port: 8793}     # logs of running tasks
{{- if include "kit.flower.deployed" . }}
- {from: anywhere, to: flower, port: 5555, peers: flowerFrom}  # browsers, ingress controllers, Prometheus
- {from: flower, to: {{ include "kit.broker.component" . | default "anywhere" }}, port: {{ $port }}}
{{- end }}
{{- end }}
- {from: api-server, to: triggerer, port: 8794} # logs of running triggers
{{- if $local }}
- {from: scheduler, to: api-server, port: 8080}  # tasks of the LocalExecutor report
- {from: api-server, to: scheduler, port: 8793}  # and their logs
- {from: scheduler, to: anywhere}                # what they call, and git
{{- end }}
- {from: triggerer, to: anywhere}                # what a trigger calls cannot be known either
- {from: dag-processor, to: anywhere}            # git, and imports of DAG files
{{- $out := or (include "kit.logs.goOut" .) (include "kit.auth.callsOut" .) }}
{{- if $out }}
- {from: api-server, to: anywhere}               # the store of the logs, the server of the log-ins
{{- end }}
{{- if eq (include "kit.dags.mode" .) "git" }}
{{- if include "kit.dags.pluginsMounted" . }}
{{- if not $out }}
- {from: api-server, to: anywhere}               # git, for plugins
{{- end }}
{{- if not $local }}
- {from: scheduler, to: anywhere}                # git, for plugins
{{- end }}
{{- end }}
{{- range (list "api-server" "scheduler" "dag-processor" "triggerer" "celery") }}
{{- if include "kit.readsDags" (dict "root" $ "role" .) }}
- {from: anywhere, to: {{ . }}, port: {{ $.Values.dags.git.metricsPort | int }}, peers: metricsFrom}  # Prometheus
{{- end }}
{{- end }}
{{- end }}
{{- if include "kit.objects.wanted" . }}
- {from: objects, to: api-server, port: 8080}    # the Job writes by the REST API
{{- end }}
{{- $callers := list "keys" -}}
{{- if $kubernetes -}}{{- $callers = concat $callers (list "api-server" "scheduler") -}}{{- end -}}
{{- if include "kit.cleans" (dict "root" . "component" "clean-pods") -}}{{- $callers = append $callers "clean-pods" -}}{{- end -}}
{{- range $callers }}
{{- $caller := . }}
{{- range $.Values.networkPolicy.kubernetesApiPorts }}
- {from: {{ $caller }}, to: anywhere, port: {{ . | int }}}  # the Kubernetes API
{{- end }}
{{- end }}
{{- end -}}

{{/*
Peer of a flow. Worker pods may run in a namespace of their own, where a selector of pods alone would not find them.
Input: root, component. Output: a YAML list of peers.
*/}}
{{- define "kit.networkPeer" -}}
- podSelector:
    matchLabels:
      {{- include "kit.selectorLabels" . | nindent 6 }}
  {{- $namespace := include "kit.networkNamespace" . }}
  {{- if ne (include "kit.executorNamespace" .root) .root.Release.Namespace }}
  namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ $namespace | quote }}
  {{- end }}
{{- end -}}

{{/* Namespace of a component's pods. Input: root, component. Output: its name. */}}
{{- define "kit.networkNamespace" -}}
{{- eq .component "worker" | ternary (include "kit.executorNamespace" .root) .root.Release.Namespace -}}
{{- end -}}

{{/* Ingress rules of a component. Input: root, component, flows. Output: a YAML list. */}}
{{- define "kit.networkIngress" -}}
{{- $root := .root -}}
{{- $rules := list -}}
{{- range .flows -}}
{{- if eq .to $.component -}}
{{- $rule := dict "ports" (list (dict "protocol" "TCP" "port" (int .port))) -}}
{{- if ne .from "anywhere" -}}
{{- $_ := set $rule "from" (include "kit.networkPeer" (dict "root" $root "component" .from) | fromYamlArray) -}}
{{- else -}}
{{- with get $root.Values.networkPolicy .peers -}}{{- $_ := set $rule "from" . -}}{{- end -}}
{{- end -}}
{{- $rules = append $rules $rule -}}
{{- end -}}
{{- end -}}
{{- toYaml $rules -}}
{{- end -}}

{{/* Egress rules of a component. Input: root, component, flows. Output: a YAML list; [{}] allows everything. */}}
{{- define "kit.networkEgress" -}}
{{- $root := .root -}}
{{- $dns := list (dict "protocol" "UDP" "port" 53) (dict "protocol" "TCP" "port" 53) -}}
{{- /* Policies apply to the port of a server's pods: in OpenShift that of the DNS servers is 5353. */ -}}
{{- $dnsPods := list (dict "protocol" "UDP" "port" 5353) (dict "protocol" "TCP" "port" 5353) -}}
{{- $rules := list (dict "ports" $dns) (dict "ports" $dnsPods) -}}
{{- $open := not $root.Values.networkPolicy.restrictEgress -}}
{{- range .flows -}}
{{- if eq .from $.component -}}
{{- $rule := dict -}}
{{- if .port -}}{{- $_ := set $rule "ports" (list (dict "protocol" "TCP" "port" (int .port))) -}}{{- end -}}
{{- if ne .to "anywhere" -}}
{{- $_ := set $rule "to" (include "kit.networkPeer" (dict "root" $root "component" .to) | fromYamlArray) -}}
{{- else if not .port -}}
{{- $open = true -}}
{{- end -}}
{{- $rules = append $rules $rule -}}
{{- end -}}
{{- end -}}
{{- ternary (list dict) $rules $open | toYaml -}}
{{- end -}}
