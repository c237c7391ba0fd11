{{/*
The table of flows: which component may open a connection to which. The policies are made from it. `from` and `to` are
components, or anywhere; a flow to anywhere without a port means any port. Input: the root. Output: a YAML list of
{from, to, port}.
*/}}
{{- define "kit.flows" -}}
{{- $local := include "kit.runsTasks" (dict "root" . "role" "scheduler") -}}
{{- $kubernetes := include "kit.hasExecutor" (dict "root" . "executor" "KubernetesExecutor") -}}
{{- range (list "api-server" "scheduler" "dag-processor" "triggerer" "migrate") }}
{{- if $.Values.postgres.enabled }}
- {from: {{ . }}, to: postgres, port: 5432}
{{- else }}
- {from: {{ . }}, to: anywhere, port: {{ $.Values.database.port | int }}}
{{- end }}
{{- end }}
- {from: anywhere, to: api-server, port: 8080}  # browsers, ingress controllers; networkPolicy.apiServerFrom narrows it
- {from: worker, to: api-server, port: 8080}    # tasks report
- {from: api-server, to: triggerer, port: 8794} # logs of running triggers
{{- if $local }}
- {from: scheduler, to: api-server, port: 8080}  # tasks of the LocalExecutor report
- {from: api-server, to: scheduler, port: 8793}  # and their logs
{{- end }}
- {from: worker, to: anywhere}                   # what a task calls cannot be known
- {from: triggerer, to: anywhere}                # nor can what a trigger calls
- {from: dag-processor, to: anywhere}            # git, and imports of DAG files
{{- if $kubernetes }}
# The Kubernetes API: the port of its Service, and that of the server behind it, to which policies apply.
- {from: api-server, to: anywhere, port: 443}
- {from: api-server, to: anywhere, port: 6443}
- {from: scheduler, to: anywhere, port: 443}
- {from: scheduler, to: anywhere, port: 6443}
{{- end }}
- {from: keys, to: anywhere, port: 443}
- {from: keys, to: anywhere, port: 6443}
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
      kubernetes.io/metadata.name: {{ $namespace }}
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
{{- else if $root.Values.networkPolicy.apiServerFrom -}}
{{- $_ := set $rule "from" $root.Values.networkPolicy.apiServerFrom -}}
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
{{- $rules := list (dict "ports" $dns) -}}
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
