{{/*
The address of a repository as git gets it: without the user name that some servers show in it (https://ORGANISATION@…). The
name in the Secret decides; git would look for the password of another user. Input: text. Output: text.
*/}}
{{- define "kit.dags.address" -}}
{{- regexReplaceAll "^(https?://)[^/@]*@" . "${1}" -}}
{{- end -}}
