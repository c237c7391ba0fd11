{{/*
Names of Airflow's options (files/airflow_options.yaml, made from kitctl/model/option_names.py). Input: the root. Output: YAML.
*/}}
{{- define "kit.config.table" -}}
{{- $table := .Files.Get "files/airflow_options.yaml" | fromYaml -}}
{{- range $key := list "open" "sensitive" "removed" -}}
{{- $_ := set $table $key (splitList " " (get $table $key)) -}}
{{- end -}}
{{- toYaml $table -}}
{{- end -}}

{{/*
What the user says of an option, as Airflow reads it: a variable wins over `config`. Input: root, option (section.name, lower case);
optional env (more variables, those of a component). Output: text, or nothing.
*/}}
{{- define "kit.config.said" -}}
{{- $said := "" -}}
{{- range $section, $options := .root.Values.config -}}
{{- range $name, $value := $options -}}
{{- if eq (printf "%s.%s" $section $name | lower) $.option -}}{{- $said = include "kit.scalar" $value -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $variable := printf "AIRFLOW__%s" (.option | replace "." "__" | upper) -}}
{{- range concat (.root.Values.env | default list) (.root.Values.pods.env | default list) (.env | default list) -}}
{{- if and (eq .name $variable) .value -}}{{- $said = toString .value -}}{{- end -}}
{{- end -}}
{{- $said -}}
{{- end -}}

{{/* Whether Airflow reads an option, or fetches it. Input: table, section, option (lower case). Output: "true" or nothing. */}}
{{- define "kit.config.known" -}}
{{- $base := regexReplaceAll "_(cmd|secret)$" .option "" -}}
{{- $fetched := and (ne $base .option) (has (printf "%s.%s" .section $base) .table.sensitive) -}}
{{- $named := get .table.known .section | default "" | splitList " " | has .option -}}
{{- if or $named $fetched (has .section .table.open) -}}true{{- end -}}
{{- end -}}

{{/* Name of an older option in Airflow 3. Input: table, section, option (lower case). Output: section.option, or nothing. */}}
{{- define "kit.config.renamed" -}}
{{- if not (include "kit.config.known" .) -}}
{{- $here := get .table.moved .section | default .section -}}
{{- $there := get .table.split .section -}}
{{- $base := regexReplaceAll "_(cmd|secret)$" .option "" -}}
{{- if hasKey .table.renamed (printf "%s.%s" $here .option) -}}
{{- get .table.renamed (printf "%s.%s" $here .option) -}}
{{- else if and (ne $here .section) (include "kit.config.known" (merge (dict "section" $here) .)) -}}
{{- printf "%s.%s" $here .option -}}
{{- else if and $there (include "kit.config.known" (merge (dict "section" $there) .)) -}}
{{- printf "%s.%s" $there .option -}}
{{- else if ne $base .option -}}
{{- $now := include "kit.config.renamed" (merge (dict "option" $base) .) -}}
{{- if has $now .table.sensitive -}}{{- printf "%s%s" $now (trimPrefix $base .option) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Refuses an option that Airflow 3 does not read. Options that are unknown are only refused for the Airflow whose names are known.
Input: root, to (see kit.problem), table, section, option, value, new (see kit.config.renamed). Output: nothing.
*/}}
{{- define "kit.validate.option" -}}
{{- $section := lower .section -}}
{{- $option := lower .option -}}
{{- $place := printf "config.%s.%s" .section .option -}}
{{- $known := get .table.known $section | default "" | splitList " " | compact -}}
{{- $gone := get .table.gone $section -}}
{{- if .new -}}
{{- /* A value that belongs to another name may have another unit. */ -}}
{{- $to := splitList "." .new | last -}}
{{- $value := eq $to $option | ternary (include "kit.scalar" .value | quote) "..." -}}
{{- include "kit.problem" (dict "to" .to "id" "config-option-renamed" "what" (printf "%s is called %s in Airflow 3" $place .new)
  "why" "Airflow 3 ignores many older names, and all in an environment where the new one is set."
  "paste" (printf "config:\n  %s:\n    %s: %s" (trimSuffix (printf ".%s" $to) .new) $to $value)) -}}
{{- else if include "kit.config.known" (dict "table" .table "section" $section "option" $option) -}}
{{- else if or $gone (has (printf "%s.%s" $section $option) .table.removed) -}}
{{- include "kit.problem" (dict "to" .to "id" "config-option-removed" "what" (printf "%s was removed in Airflow 3, and does nothing" $place)
  "why" (empty $gone | ternary "Airflow 3 has no such option." (printf "The section is gone: %s." $gone))
  "paste" (printf "(remove %s)" $place)) -}}
{{- else if and $known (include "kit.config.namesFit" .) -}}
{{- $near := include "kit.nearest" (dict "word" $option "words" $known) -}}
{{- $variable := printf "AIRFLOW__%s__%s" ($section | replace "." "_") $option | upper -}}
{{- include "kit.problem" (dict "to" .to "id" "config-option-unknown"
  "what" (printf "%s is unknown to Airflow %s" $place .table.airflow)
  "why" (empty $near | ternary "Airflow ignores an option that it does not know. If a provider or plugin of yours reads it, use env."
    (printf "Did you mean %s? Airflow ignores an option that it does not know." $near))
  "paste" (empty $near | ternary (printf "env:\n  - {name: %s, value: %s}" $variable (include "kit.scalar" .value | quote))
    (printf "config:\n  %s:\n    %s: %s" $section $near (include "kit.scalar" .value | quote)))) -}}
{{- end -}}
{{- end -}}

{{/*
Refuses a section that is a typing error; others may belong to a provider, as a short word often does that resembles `api`.
Input: root, to, table, section. Output: nothing.
*/}}
{{- define "kit.validate.section" -}}
{{- $section := lower .section -}}
{{- $listed := or (hasKey .table.known $section) (hasKey .table.gone $section) -}}
{{- if and (ge (len $section) 5) (not $listed) (include "kit.config.namesFit" .) -}}
{{- with include "kit.nearest" (dict "word" $section "words" (keys .table.known)) -}}
{{- include "kit.problem" (dict "to" $.to "id" "config-option-unknown"
  "what" (printf "config.%s is not a section of Airflow %s" $.section $.table.airflow)
  "why" (printf "Did you mean %s? Airflow ignores a section that it does not know." .)
  "paste" (printf "config:\n  %s:\n    ..." .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether the release runs the minor version of Airflow whose names are known. Input: root, table. Output: "true" or nothing. */}}
{{- define "kit.config.namesFit" -}}
{{- $minor := "^[0-9]+\\.[0-9]+" -}}
{{- if eq (regexFind $minor .root.Values.airflowVersion) (regexFind $minor .table.airflow) -}}true{{- end -}}
{{- end -}}

{{/*
The word that differs by one letter: one more, one less, another, or two swapped. Input: word, words. Output: text, or nothing.
*/}}
{{- define "kit.nearest" -}}
{{- $word := .word -}}
{{- $length := len $word -}}
{{- $forms := list -}}
{{- range $i := until (int (add1 $length)) -}}
{{- $head := substr 0 $i $word -}}
{{- $tail := substr $i $length $word -}}
{{- $forms = append $forms (printf "%s.%s" $head $tail) -}}
{{- if $tail -}}{{- $forms = append $forms (printf "%s.?%s" $head (substr 1 $length $tail)) -}}{{- end -}}
{{- if gt (len $tail) 1 -}}
{{- $forms = append $forms (printf "%s%s%s%s" $head (substr 1 2 $tail) (substr 0 1 $tail) (substr 2 $length $tail)) -}}
{{- end -}}
{{- end -}}
{{- regexFind (printf "(?m)^(%s)$" (join "|" $forms)) (join "\n" (sortAlpha .words)) -}}
{{- end -}}
