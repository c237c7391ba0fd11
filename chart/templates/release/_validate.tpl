{{/* Rules of the whole release: its name, its image, its version of Airflow. Input: root, to (see kit.problem). Output: nothing. */}}
{{- define "kit.validate.release" -}}
{{- $v := .root.Values -}}
{{- $name := include "kit.fullname" .root -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- include "kit.problem" (dict "to" .to "id" "name-unfit" "what" (printf "Object names cannot begin with %s" $name)
  "why" "Service names must start with a letter and contain only lower-case letters, digits and dashes. Set fullnameOverride."
  "paste" "fullnameOverride: airflow") -}}
{{- end -}}
{{- /* Releases x and x-airflow have the same names. Only a cluster can tell; every release has this ConfigMap. */ -}}
{{- $there := lookup "v1" "ConfigMap" .root.Release.Namespace (include "kit.name" (dict "root" .root "component" "config")) -}}
{{- $owner := get (($there.metadata | default dict).labels | default dict) "app.kubernetes.io/instance" -}}
{{- if and $there (ne (toString $owner) .root.Release.Name) -}}
{{- include "kit.problem" (dict "to" .to "id" "release-names-taken"
  "what" (printf "The release %s of this namespace has objects with the names that the release %s would have: %s-…"
    ($owner | default "of another chart") .root.Release.Name $name)
  "why" (list "The name of a release without `airflow` in it is completed by it, so that x and x-airflow share all names."
    "Two releases would use one Secret of keys and one database. Choose another name, or names of its own:")
  "paste" (printf "fullnameOverride: %s-%s" (.root.Release.Name | trunc 30 | trimSuffix "-")
    (.root.Release.Name | sha256sum | trunc 4))) -}}
{{- end -}}
{{- include "kit.validate.claims" . -}}
{{- include "kit.validate.shared" . -}}
{{- if not $v.image.repository -}}
{{- include "kit.problem" (dict "to" .to "id" "image-repository-empty" "what" "image.repository is empty"
  "why" "Every component and every worker pod runs this image."
  "paste" "image:\n  repository: docker.io/apache/airflow") -}}
{{- end -}}
{{- /* A suffix such as -python3.12 would make it a prerelease, which is below every version. */ -}}
{{- $version := regexFind "^[0-9]+\\.[0-9]+\\.[0-9]+" $v.airflowVersion -}}
{{- $minimum := include "kit.minimumAirflow" .root -}}
{{- if not $version -}}
{{- include "kit.problem" (dict "to" .to "id" "airflow-version-unreadable"
  "what" (printf "airflowVersion %q is not a version number" $v.airflowVersion)
  "why" "It must be the version of Airflow in the image, as three numbers with dots."
  "paste" (printf "airflowVersion: %s" .root.Chart.AppVersion)) -}}
{{- else if semverCompare (printf "<%s" $minimum) $version -}}
{{- include "kit.problem" (dict "to" .to "id" "airflow-version-too-old"
  "what" (printf "airflowVersion is %s, the oldest supported version is %s" $version $minimum)
  "why" "In older versions a task can read the tokens of other tasks."
  "paste" (printf "airflowVersion: %s" .root.Chart.AppVersion)) -}}
{{- end -}}
{{- end -}}

{{/* Oldest version of Airflow that the chart deploys; versions.toml holds the same. Input: none. Output: text. */}}
{{- define "kit.minimumAirflow" -}}3.2.2{{- end -}}
