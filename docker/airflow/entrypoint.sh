#!/bin/sh
# The image's contract, the same as the official image's: arguments are either an Airflow sub-command ("scheduler",
# "db migrate") or any command ("airflow …", "python …", "bash -c …", a path).
set -eu

# OpenShift and others run pods under a uid that no passwd file knows; getpass and ssh then ask the environment.
if ! id -un >/dev/null 2>&1; then
  export USER="${USER:-airflow}" LOGNAME="${LOGNAME:-airflow}"
fi

if [ "$#" -eq 0 ]; then
  set -- airflow
else
  case "$1" in
    # Airflow sub-commands that are also programs on PATH.
    celery | config | info | users) set -- airflow "$@" ;;
    -*) set -- airflow "$@" ;;
    *) command -v "$1" >/dev/null 2>&1 || set -- airflow "$@" ;;
  esac
fi

exec dumb-init -- "$@"
