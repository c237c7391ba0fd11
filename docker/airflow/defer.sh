#!/bin/sh
# Defer imports, and what takes as long, in the virtual environment given as $1 (ADR 0013). Part of the build stage. Argument
# by environment: AIRFLOW_VERSION, the version that was installed.
set -eu
cd "$(dirname "$0")"
site="$(echo "$1"/lib/python*/site-packages)"

# Only what stands in the lock must be as these steps know it.
or_other_version() {
  if [ -z "${AIRFLOW_VERSION:-}" ] || grep -q "^apache-airflow==${AIRFLOW_VERSION} " requirements.txt; then
    exit 1
  fi
  echo "Airflow ${AIRFLOW_VERSION} is not the locked version: $1" >&2
}

cp airflow_kit_deferral.py "$site"
python3 lazy_packages.py lazy_imports.toml "$site"
python3 lazy_api_versions.py "$1/bin/python" || or_other_version "it makes all versions of the tasks' API at once"
python3 -X no_debug_ranges lazy_imports.py lazy_imports.toml "$site"
if ! python3 lazy_submodules.py lazy_imports.toml "$1/bin/python"; then
  or_other_version "its imports are not deferred"
  rm "$site"/airflow_kit_deferral.*
fi
