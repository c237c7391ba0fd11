{{/*
Mode git: git-sync v4. It keeps commits in worktrees below one root and swaps a link, `repo`, when a new one is complete.
Readers mount the root: a subPath through the link would stay at the first commit. Pods that keep running have it as a
native sidecar, whose startup probe holds the main container back until the first commit is there; worker pods run it once.
Slots: input and output as kit.dags.slot says.
*/}}
{{- define "kit.dags.git.env" -}}
{{- $path := list .root.Values.dags.path "repo" (trimAll "/" .root.Values.dags.git.subPath) | compact | join "/" -}}
- {name: AIRFLOW__CORE__DAGS_FOLDER, value: {{ $path | quote }}}
{{- end -}}

{{- define "kit.dags.git.volumes" -}}
{{- $git := .root.Values.dags.git -}}
- name: dags
  emptyDir: {{ $git.sizeLimit | empty | ternary dict (dict "sizeLimit" $git.sizeLimit) | toJson }}
# git-sync's own configuration file of git; nothing else is written there.
- name: git-tmp
  emptyDir:
    sizeLimit: 64Mi
{{- if ne $git.credentials.type "none" }}
- name: git-credentials
  secret:
    secretName: {{ $git.credentials.secret | quote }}
    # ssh refuses a key that others may read; the group is the pod's fsGroup.
    defaultMode: 0440
    items:
      {{- include "kit.dags.credentialItems" $git.credentials | nindent 6 }}
{{- end }}
{{- with $git.caBundleConfigMap }}
- name: git-ca
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- if $git.sparsePaths }}
- name: git-sparse
  configMap:
    name: {{ include "kit.name" (dict "root" .root "component" "git-sparse") }}
{{- end }}
{{- end -}}

{{- define "kit.dags.git.mounts" -}}
- name: dags
  mountPath: {{ .root.Values.dags.path }}
  readOnly: true
{{- end -}}

{{- define "kit.dags.git.longLived" -}}
{{- $git := .root.Values.dags.git -}}
- name: git-sync
  restartPolicy: Always
  {{- include "kit.dags.git.container" . | nindent 2 }}
  ports:
    - name: git-sync
      containerPort: {{ $git.metricsPort | int }}
  # It answers 503 until the first commit is complete.
  startupProbe:
    httpGet: {path: /, port: git-sync}
    periodSeconds: 1
    failureThreshold: {{ add $git.syncTimeoutSeconds (mul 2 $git.periodSeconds) 60 }}
  livenessProbe:
    httpGet: {path: /, port: git-sync}
    periodSeconds: 30
    timeoutSeconds: 5
    failureThreshold: 5
{{- end -}}

{{- define "kit.dags.git.once" -}}
- name: git-sync-init
  {{- include "kit.dags.git.container" (merge (dict "once" true) .) | nindent 2 }}
{{- end -}}
