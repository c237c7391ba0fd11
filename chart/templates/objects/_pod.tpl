{{/*
Whether there are objects to write, or to delete: an empty section means none if the Job prunes. Input: the root. Output: "true" or
nothing.
*/}}
{{- define "kit.objects.wanted" -}}
{{- with .Values.objects -}}
{{- $found := false -}}
{{- range $_, $objects := omit . "job" -}}
{{- if or $objects (and $.Values.objects.job.prune (kindIs "map" $objects)) -}}{{- $found = true -}}{{- end -}}
{{- end -}}
{{- if $found -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* The sections that the values name, with their objects; others are null. Input: the root. Output: a JSON map. */}}
{{- define "kit.objects.sections" -}}
{{- $found := dict -}}
{{- range $name, $objects := omit .Values.objects "job" -}}
{{- if kindIs "map" $objects -}}{{- $_ := set $found $name $objects -}}{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/*
Parts (see kit.podTemplate) of the Job that writes the objects by Airflow's REST API. Input: root, component, section. Output: a YAML
map.
*/}}
{{- define "kit.objects.parts" -}}
user: 50000
annotations:
  # The Job's name is a hash of its pod template, so a change of the objects runs it again.
  kit/objects: {{ include "kit.objects.data" .root | sha256sum | trunc 16 | quote }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "kit.serviceAccountName" (merge (dict "values" .root.Values.objects.job) .) | quote }}
  automountServiceAccountToken: false
container:
  name: objects
  image: {{ include "kit.image" .root }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  command: [python3, -IS, /opt/airflow/kit-objects/apply_objects.py]
  env:
    {{- include "kit.objects.env" .root | nindent 4 }}
  volumeMounts:
    - {name: objects, mountPath: /opt/airflow/kit-objects, readOnly: true}
    {{- if include "kit.objects.login" .root | fromYamlArray }}
    - {name: secrets, mountPath: /opt/airflow/secrets, readOnly: true}
    {{- end }}
    {{- if include "kit.objects.references" .root | fromJsonArray }}
    - {name: references, mountPath: /opt/airflow/references, readOnly: true}
    {{- end }}
volumes:
  - name: objects
    configMap:
      name: {{ include "kit.name" (dict "root" .root "component" "objects") }}
      items:
        - {key: objects.json, path: objects.json}
        {{- range $path, $_ := .root.Files.Glob "files/objects/**.py" }}
        {{- $path = trimPrefix "files/objects/" $path }}
        - {key: {{ replace "/" "." $path }}, path: {{ $path }}}
        {{- end }}
  {{- with include "kit.objects.login" .root | fromYamlArray }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with include "kit.objects.references" .root | fromJsonArray }}
  - name: references
    projected:
      defaultMode: 0440
      sources:
        {{- range . }}
        # Optional, so that the Job can say which one is missing; the next try finds one that has come by then.
        - secret:
            name: {{ .name | quote }}
            optional: true
            items:
              - {key: {{ .key | quote }}, path: {{ printf "%s/%s" .name .key | quote }}}
        {{- end }}
  {{- end }}
{{- end -}}

{{/* Variables of the Job: where Airflow is, and as whom it logs in. Input: the root. Output: a YAML list. */}}
{{- define "kit.objects.env" -}}
- {name: KIT_AIRFLOW_URL, value: {{ include "kit.executionApiUrl" . | trimSuffix "/execution/" | quote }}}
{{- if eq (include "kit.auth.preset" .) "keycloak" }}
- {name: KIT_CLIENT, value: {{ .Values.auth.keycloak.clientId | quote }}}
{{- else }}
- {name: KIT_USERNAME, value: {{ .Values.admin.username | quote }}}
{{- end }}
{{- if .Values.objects.job.prune }}
- {name: KIT_PRUNE, value: "true"}
{{- end }}
{{- end -}}

{{/* Volume with the password or the client's secret of the log-in. Input: the root. Output: a YAML list of one volume, or of none. */}}
{{- define "kit.objects.login" -}}
{{- if eq (include "kit.auth.preset" .) "keycloak" -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- include "kit.auth.keycloak.sources" . | nindent 6 }}
{{- else -}}
{{- include "kit.secretVolumes" (dict "root" . "role" "objects") -}}
{{- end -}}
{{- end -}}

{{/*
Contents of the Job's ConfigMap: the objects, without any secret, and the code that compares them with Airflow's, a copy of kitctl's.
Input: the root. Output: a JSON map; the key of a module is its dotted name.
*/}}
{{- define "kit.objects.data" -}}
{{- $data := dict "objects.json" (include "kit.objects.sections" .) -}}
{{- range $path, $_ := .Files.Glob "files/objects/**.py" -}}
{{- $name := trimPrefix "files/objects/" $path | replace "/" "." -}}
{{- $_ := set $data $name ($.Files.Get $path) -}}
{{- end -}}
{{- toJson $data -}}
{{- end -}}

{{/* The keys of Secrets that the objects name. Input: the root. Output: a JSON list of {name, key}, each once. */}}
{{- define "kit.objects.references" -}}
{{- $found := dict -}}
{{- $value := omit (include "kit.objects.sections" . | fromJson) "pools" "roles" -}}
{{- $_ := include "kit.objects.walk" (dict "value" $value "place" "objects" "name" "" "found" $found "to" dict) -}}
{{- $list := list -}}
{{- range keys $found | sortAlpha -}}{{- $list = append $list (get $found .) -}}{{- end -}}
{{- toJson $list -}}
{{- end -}}
