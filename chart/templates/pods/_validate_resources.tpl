{{/*
No limit is below its request, in any `resources` of the values: of components, Jobs, worker pods, git-sync, containers of yours.
Input: to (see kit.problem), node (a map or list of the values), path (its place, "" for all values). Output: nothing.
*/}}
{{- define "kit.validate.resources" -}}
{{- $in := . -}}
{{- if kindIs "slice" .node -}}
{{- range $index, $part := .node -}}
{{- if and $part (or (kindIs "map" $part) (kindIs "slice" $part)) -}}
{{- include "kit.validate.resources" (dict "to" $in.to "node" $part "path" (printf "%s[%d]" $in.path $index)) -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- range $key, $part := .node -}}
{{- if and $part (or (kindIs "map" $part) (kindIs "slice" $part)) -}}
{{- $path := empty $in.path | ternary $key (printf "%s.%s" $in.path $key) -}}
{{- if and (eq $key "resources") (kindIs "map" $part) -}}
{{- include "kit.validate.limits" (dict "to" $in.to "resources" $part "path" $path) -}}
{{- else -}}
{{- include "kit.validate.resources" (dict "to" $in.to "node" $part "path" $path) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Refuses limits below their requests. Input: to, resources, path (its place). Output: nothing. */}}
{{- define "kit.validate.limits" -}}
{{- $in := . -}}
{{- $requests := .resources.requests | default dict -}}
{{- range $name := include "kit.resources.below" .resources | splitList "," | compact -}}
{{- $asked := get $requests $name | toString -}}
{{- $limit := get $in.resources.limits $name | toString -}}
{{- $yaml := printf "requests:\n  %s: %s\nlimits:\n  %s: %s" $name $asked $name $asked -}}
{{- include "kit.problem" (dict "to" $in.to "id" "limit-below-request"
  "what" (printf "%s.limits.%s is %s, below the request of %s" $in.path $name $limit $asked)
  "why" "Kubernetes refuses such a pod. A request that you do not set is the chart's."
  "paste" (contains "[" $in.path | ternary (printf "resources:\n%s" ($yaml | indent 2))
    (include "kit.validate.nested" (dict "section" $in.path "text" $yaml)))) -}}
{{- end -}}
{{- end -}}

{{/* Names of the resources whose limit is below their request. Input: a map `resources`. Output: names with commas, or nothing. */}}
{{- define "kit.resources.below" -}}
{{- $limits := .limits | default dict -}}
{{- range $name, $asked := .requests | default dict -}}
{{- $low := include "kit.quantity" $asked -}}
{{- $high := include "kit.quantity" (get $limits $name) -}}
{{- if and $low $high (lt (float64 $high) (float64 $low)) -}}{{ $name }},{{- end -}}
{{- end -}}
{{- end -}}

{{/* A quantity of Kubernetes as a plain number. Input: text such as 500m or 1Gi, or a number. Output: text, or nothing if it is none. */}}
{{- define "kit.quantity" -}}
{{- $text := toString . -}}
{{- $factors := dict "n" 1e-9 "u" 1e-6 "m" 1e-3 "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18
  "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0 -}}
{{- $unit := regexReplaceAll "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?" $text "" -}}
{{- $number := trimSuffix $unit $text -}}
{{- if and $number (hasKey $factors $unit) -}}
{{- mulf (float64 $number) (get $factors $unit) -}}
{{- end -}}
{{- end -}}
