{{/*
Labels that selectors use; Kubernetes forbids changing them later. Never `app` or `release`: Airflow's own example DAGs set
and avoid those. JSON, since every object needs them and YAML takes long to parse. Input: root, component. Output: a JSON map.
*/}}
{{- define "kit.selector" -}}
{{- dict
  "app.kubernetes.io/name" "airflow"
  "app.kubernetes.io/instance" .root.Release.Name
  "app.kubernetes.io/component" .component | toJson -}}
{{- end -}}

{{/* The same labels, to be written into an object. Input: root, component. Output: map entries. */}}
{{- define "kit.selectorLabels" -}}
{{- range $name, $value := include "kit.selector" . | fromJson }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Labels of an object. The chart's own win over the user's commonLabels. Input: root, component. Output: map entries. */}}
{{- define "kit.labels" -}}
{{- $own := include "kit.selector" . | fromJson -}}
{{- $_ := set $own "app.kubernetes.io/part-of" "airflow-kit" -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- $_ := set $own "app.kubernetes.io/version" .root.Values.airflowVersion -}}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") -}}
{{- merge $own .root.Values.commonLabels | toYaml -}}
{{- end -}}

{{/*
Labels of pods, without any version: a new version of the chart must not restart pods that it does not change.
Input: root, component, section (see kit.pods.section). Output: map entries.
*/}}
{{- define "kit.podLabels" -}}
{{- $own := include "kit.selector" . | fromJson -}}
{{- $_ := set $own "app.kubernetes.io/part-of" "airflow-kit" -}}
{{- merge $own .section.podLabels | toYaml -}}
{{- end -}}

{{/*
Metadata of an object. Input: root, component; optional name (default <fullname>-<component>), namespace (default the
release's), annotations (a map). Output: map entries.
*/}}
{{- define "kit.metadata" -}}
name: {{ .name | default (include "kit.name" .) | quote }}
namespace: {{ .namespace | default .root.Release.Namespace | quote }}
labels:
  {{- include "kit.labels" . | nindent 2 }}
{{- with merge (.annotations | default dict | deepCopy) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
Metadata of an object whose section of the values has labels and annotations. The chart's labels win. Input: root, component,
section, annotations (a map of the chart's). Output: map entries.
*/}}
{{- define "kit.openMetadata" -}}
{{- $own := dict "annotations" (merge dict (.annotations | default dict) (.section.annotations | default dict)) -}}
{{- $metadata := include "kit.metadata" (merge $own (pick . "root" "component")) | fromYaml -}}
{{- $_ := set $metadata "labels" (merge $metadata.labels (.section.labels | default dict)) -}}
{{- toYaml $metadata -}}
{{- end -}}

{{/*
Metadata of a Deployment, StatefulSet or Job, which opts out of some checks of kube-score:
container-resources and -ephemeral-storage: no CPU limit, because a throttled start fails its probes; memory limits depend
  on the DAGs, so users set them; every emptyDir has a sizeLimit, which caps the disk.
container-image-pull-policy: `Always` breaks images that were loaded into the node, and the tag follows the content.
Input: root, component; optional name, ignore (a list of further checks; the caller gives the reasons), annotations (a map). Output: map
entries.
*/}}
{{- define "kit.workloadMetadata" -}}
{{- $checks := list "container-resources" "container-ephemeral-storage-request-and-limit" "container-image-pull-policy" -}}
{{- $checks = dict "kube-score/ignore" (concat $checks (.ignore | default list) | join ",") -}}
{{- $annotations := merge $checks (.annotations | default dict) -}}
{{- include "kit.metadata" (dict "root" .root "component" .component "name" .name "annotations" $annotations) -}}
{{- end -}}

{{/*
Annotations of what exists in the cluster, but not among the rendered objects, or not in each render. Argo CD tracks objects by
the label app.kubernetes.io/instance, and would delete such objects: running tasks, and keys that nobody can make again.
Input: options, e.g. "Prune=false". Output: a JSON map.
*/}}
{{- define "kit.argoAnnotations" -}}
{{- dict
  "argocd.argoproj.io/compare-options" "IgnoreExtraneous"
  "argocd.argoproj.io/sync-options" . | toJson -}}
{{- end -}}
