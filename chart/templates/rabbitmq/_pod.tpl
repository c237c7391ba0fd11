{{/* Parts (see kit.podTemplate) of the chart's own RabbitMQ. Input: root, component, section. Output: a YAML map. */}}
{{- define "kit.rabbitmq.parts" -}}
user: 999
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ .root.Values.broker.rabbitmq.terminationGracePeriodSeconds | int }}
container:
  {{- include "kit.rabbitmq.container" .root | nindent 2 }}
volumes:
  {{- include "kit.rabbitmq.volumes" .root | nindent 2 }}
{{- end -}}

{{/* Volumes of RabbitMQ; `data` comes from the claim template unless the user has a claim. Input: the root. Output: a YAML list. */}}
{{- define "kit.rabbitmq.volumes" -}}
# In memory: it contains a hash of the password, and the cookie by which rabbitmqctl logs in to the server.
- name: run
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
- name: password
  secret:
    secretName: {{ include "kit.keysSecret" . | quote }}
    defaultMode: 0440
    items:
      - {key: broker-password, path: broker-password}
{{- with .Values.broker.rabbitmq.storage.existingClaim }}
- name: data
  persistentVolumeClaim:
    claimName: {{ . | quote }}
{{- end }}
{{- end -}}

{{/*
Container of RabbitMQ, for the official images. The probes open a connection: the port listens when the server has read its data
and its users. `rabbitmq-diagnostics` would start a second Erlang virtual machine for each look, with a second of CPU and 80 MB.
Input: the root. Output: map entries of a container.
*/}}
{{- define "kit.rabbitmq.container" -}}
{{- $rabbitmq := .Values.broker.rabbitmq -}}
name: rabbitmq
image: {{ include "kit.imageRef" $rabbitmq.image }}
imagePullPolicy: {{ $rabbitmq.image.pullPolicy }}
command:
  - sh
  - -c
  - {{ .Files.Get "files/start_rabbitmq.sh" | quote }}
  - start_rabbitmq.sh
args:
  {{- range $name, $value := $rabbitmq.settings }}
  - {{ printf "%s = %s" $name (include "kit.scalar" $value) | quote }}
  {{- end }}
env:
  # The folder of the data carries this name: it must not change with the name of a pod.
  - {name: RABBITMQ_NODENAME, value: rabbit@localhost}
  - {name: RABBITMQ_CONFIG_FILE, value: /run/kit/rabbitmq.conf}
  - {name: RABBITMQ_ENABLED_PLUGINS_FILE, value: /run/kit/enabled_plugins}
  - {name: RABBITMQ_LOGS, value: "-"}
  - {name: RABBITMQ_LOG_BASE, value: /tmp}
  # The folder of Erlang's cookie, which is made at each start.
  - {name: HOME, value: /run/kit}
  # The ports of Erlang are open inside the pod only.
  - {name: ERL_EPMD_ADDRESS, value: 127.0.0.1}
  - {name: RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS, value: "-kernel inet_dist_use_interface {127,0,0,1}"}
ports:
  - name: amqp
    containerPort: 5672
# It gives up after a day: a server that reads many queues must not begin anew again and again.
startupProbe:
  tcpSocket: {port: amqp}
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 86400
readinessProbe:
  tcpSocket: {port: amqp}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
livenessProbe:
  tcpSocket: {port: amqp}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 6
volumeMounts:
  - {name: data, mountPath: /var/lib/rabbitmq}
  - {name: run, mountPath: /run/kit}
  - {name: tmp, mountPath: /tmp}
  - {name: password, mountPath: /run/secrets/kit, readOnly: true}
{{- end -}}
