{{/* Parts (see kit.podTemplate) of the chart's own broker. Input: root, component, section. Output: a YAML map. */}}
{{- define "kit.redis.parts" -}}
user: 999
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ .root.Values.broker.redis.terminationGracePeriodSeconds | int }}
container:
  {{- include "kit.redis.container" .root | nindent 2 }}
volumes:
  {{- include "kit.redis.volumes" .root | nindent 2 }}
{{- end -}}

{{/* Volumes of the broker; `data` comes from the claim template unless the user has a claim. Input: the root. Output: a YAML list. */}}
{{- define "kit.redis.volumes" -}}
# In memory: the configuration contains a hash of the password.
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
{{- with .Values.broker.redis.storage.existingClaim }}
- name: data
  persistentVolumeClaim:
    claimName: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* Container of the broker, for the official images of Valkey and Redis. Input: the root. Output: map entries of a container. */}}
{{- define "kit.redis.container" -}}
{{- $redis := .Values.broker.redis -}}
name: redis
image: {{ include "kit.imageRef" $redis.image }}
imagePullPolicy: {{ $redis.image.pullPolicy }}
command:
  - sh
  - -c
  - {{ .Files.Get "files/start_redis.sh" | quote }}
  - start_redis.sh
args:
  {{- range $name, $value := $redis.settings }}
  - {{ printf "%s %s" $name (include "kit.scalar" $value) | quote }}
  {{- end }}
ports:
  - name: redis
    containerPort: 6379
# It gives up after a day: a server that reads a long log of changes must not begin anew again and again.
startupProbe:
  exec:
    command: {{ include "kit.redis.isReady" . }}
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 86400
readinessProbe:
  exec:
    command: {{ include "kit.redis.isReady" . }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
livenessProbe:
  tcpSocket: {port: redis}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 6
volumeMounts:
  - {name: data, mountPath: /data}
  - {name: run, mountPath: /run/kit}
  - {name: tmp, mountPath: /tmp}
  - {name: password, mountPath: /run/secrets/kit, readOnly: true}
{{- end -}}

{{/*
Command that asks whether the broker answers. The password is in a variable of the client, never among its arguments; while the
server reads its data, the client prints LOADING and exits with 0. Input: none. Output: a JSON list.
*/}}
{{- define "kit.redis.isReady" -}}
{{- list "sh" "-c" "[ \"$(REDISCLI_AUTH=\"$(cat /run/secrets/kit/broker-password)\" redis-cli ping)\" = PONG ]" | toJson -}}
{{- end -}}
