{{/*
Rules of a repository's address. A user name alone is no secret, except where it is the token itself. Input: to, id (of the
mode's errors), key (where it stands in the values), repo, noKey (whether SSH has no key). Output: nothing.
*/}}
{{- define "kit.dags.validateAddress" -}}
{{- $repo := .repo | default "" -}}
{{- $what := printf "%s.repo is not valid" .key -}}
{{- $token := "(gh[oprsu]_|github_pat_|glpat-)[^/@]*|[A-Za-z0-9]{36,}" -}}
{{- if regexMatch (printf "^https?://([^/@]*:[^/@]+|%s)@" $token) $repo -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" $what
  "why" "A password in the address would be stored in the history of the release."
  "paste" "Put it into a Secret: credentials: {type: https, secret: git-credentials}") -}}
{{- end -}}
{{- $ssh := regexMatch "^((git\\+)?ssh://|[^/@:]+@[^/:]+:)" $repo -}}
{{- if and $ssh .noKey -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" (printf "%s.credentials is not valid" .key)
  "why" (printf "%s is read over SSH, which needs a key." $repo)
  "paste" (printf "%s; credentials: {type: ssh, secret: git-credentials}"
    "kubectl create secret generic git-credentials --from-file=ssh-key=KEY --from-file=known-hosts=KNOWN_HOSTS")) -}}
{{- end -}}
{{- if regexMatch "^[^/@:]+@[^/:]+:[0-9]+/" $repo -}}
{{- $host := regexFind "^[^:]+" $repo -}}
{{- $rest := trimPrefix (printf "%s:" $host) $repo -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" $what
  "why" (printf "In the form USER@HOST:PATH git reads %s as a folder, not as a port." (regexFind "^[0-9]+" $rest))
  "paste" (printf "repo: ssh://%s:%s    # if it is a folder: ssh://%s/%s" $host $rest $host $rest)) -}}
{{- end -}}
{{- if regexMatch "^[a-z+]+://([^/@]*@)?[^/:@\\[]+:[^0-9/]" $repo -}}
{{- $way := regexReplaceAll "^([a-z+]+://([^/@]*@)?[^/:@\\[]+):" $repo "${1}/" -}}
{{- include "kit.problem" (dict "to" .to "id" .id "what" $what
  "why" "After the host of a URL, a colon is followed by a port, and a slash by the path."
  "paste" (printf "repo: %s" $way)) -}}
{{- end -}}
{{- end -}}
