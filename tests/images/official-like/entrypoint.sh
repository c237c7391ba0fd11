#!/bin/bash
# STAND-IN, for tests only: the entrypoint contract of the official Airflow image, in our own words.
#   1. Unless CONNECTION_CHECK_MAX_COUNT is 0, `airflow db check` must succeed first (20 tries, 3 s apart by default).
#   2. "bash …" and "python …" run as they are.
#   3. "airflow …" and anything else is an Airflow sub-command.
set -euo pipefail

tries="${CONNECTION_CHECK_MAX_COUNT:-20}"
pause="${CONNECTION_CHECK_SLEEP_TIME:-3}"
if [ "$tries" -gt 0 ]; then
  for ((try = 1; ; try++)); do
    if airflow db check >/tmp/db-check.log 2>&1; then break; fi
    if [ "$try" -ge "$tries" ]; then
      cat /tmp/db-check.log >&2
      echo "The database did not answer after $try tries" >&2
      exit 1
    fi
    sleep "$pause"
  done
fi

case "${1:-}" in
  bash | python) exec "$@" ;;
  airflow) shift ;;
esac
exec airflow "$@"
