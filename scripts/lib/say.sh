# How scripts talk: on stderr, and errors in the shape of kitctl's. Sourced, never run.
# shellcheck shell=bash

say() {
    [[ ! -t 2 ]] || printf '\r\033[K' >&2 # the line of progress that may stand there
    printf '%s\n' "$*" >&2
}

# die CODE MESSAGE CAUSE FIX [ID]: prints an error and ends with CODE; an empty cause or fix is left out.
die() {
    say "Error: $2 [${5:-tool-build-failed}]"
    [[ -z $3 ]] || say "  Cause: ${3//$'\n'/$'\n'         }"
    [[ -z $4 ]] || say "  Fix:   ${4//$'\n'/$'\n'         }"
    exit "$1"
}
