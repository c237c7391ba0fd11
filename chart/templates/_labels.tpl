{{/*
Labels that selectors use; they never change in the life of a release. Input: root, component. Never `app` or `release`:
Airflow's own example DAGs set and avoid those.
*/}}
{{- define "kit.selectorLabels" -}}
app.kubernetes.io/name: airflow
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of an object. Input: root, component. The user's commonLabels come first, so that they replace none of ours. */}}
{{- define "kit.labels" -}}
{{- $own := include "kit.selectorLabels" . | fromYaml -}}
{{- $_ := set $own "app.kubernetes.io/part-of" "airflow-kit" -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- $_ := set $own "app.kubernetes.io/version" .root.Values.airflowVersion -}}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") -}}
{{- merge $own .root.Values.commonLabels | toYaml -}}
{{- end -}}

{{/*
Labels of pods. Input: root, component, values (section with podLabels). No version and no chart: a new chart version
must not roll pods that it does not change.
*/}}
{{- define "kit.podLabels" -}}
{{- $own := include "kit.selectorLabels" . | fromYaml -}}
{{- $_ := set $own "app.kubernetes.io/part-of" "airflow-kit" -}}
{{- merge $own (.values.podLabels | default dict) .root.Values.commonLabels | toYaml -}}
{{- end -}}

{{/*
Metadata of an object, as a map. Input: root, component; optional name (default <fullname>-<component>), namespace
(default the release's), annotations (a map).
*/}}
{{- define "kit.metadata" -}}
name: {{ .name | default (include "kit.name" .) }}
namespace: {{ .namespace | default .root.Release.Namespace | quote }}
labels:
  {{- include "kit.labels" . | nindent 2 }}
{{- with merge (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
Annotation with which a workload opts out of kube-score's checks, each for a reason:
container-resources and -ephemeral-storage: no CPU limit, as a throttled start fails its probes; memory limits depend on
  the DAGs and are the user's; every emptyDir has a sizeLimit, which caps the disk.
container-image-pull-policy: `Always` breaks images that were loaded into the node, and the tag follows the content.
Input: a list of more checks, named by the caller with its own reason. Output: one map entry.
*/}}
{{- define "kit.kubeScore" -}}
kube-score/ignore: {{ concat (list "container-resources" "container-ephemeral-storage-request-and-limit" "container-image-pull-policy") . | join "," }}
{{- end -}}
