#!/bin/sh
# Install Airflow into /opt/airflow-venv with uv. Arguments by environment: AIRFLOW_VERSION, CACHE_DIR,
# AIRFLOW_EXTRAS (packages of requirements-extras.in, "amazon,google"), EXTRA_REQUIREMENTS (requirements, by blanks).
set -eu
cd "$(dirname "$0")"
export UV_CACHE_DIR="$CACHE_DIR/uv" UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/opt/airflow-venv
uv=/opt/uv/bin/uv

install() {
  # An index that does not answer must not stop a rebuild whose packages all lie in the cache.
  with-network.sh "$uv" pip install -q "$@" || with-network.sh "$uv" pip install -q --offline "$@"
}

starts() {
  # Nobody has tried these packages together; the API server is what newer ones break first.
  AIRFLOW_HOME=/tmp/airflow-try PYTHONDONTWRITEBYTECODE=1 "$VIRTUAL_ENV/bin/python" /build/try_start.py "$AIRFLOW_VERSION"
}

"$uv" venv -q --python "$(command -v python3)" "$VIRTUAL_ENV"
if grep -q "^apache-airflow==${AIRFLOW_VERSION} " requirements.txt; then
  install --require-hashes -r requirements.txt
elif [ -f "constraints/${AIRFLOW_VERSION}.txt" ]; then
  # An older version: packages that were made after it may break it, as pydantic 2.14 does with Airflow 3.2.
  sed -E "/^apache-airflow==/s/==.*/==${AIRFLOW_VERSION}/" requirements.in >/tmp/older.in
  install -r /tmp/older.in --constraint "constraints/${AIRFLOW_VERSION}.txt"
else
  # Another version: its own pins decide, the providers follow.
  echo "Airflow ${AIRFLOW_VERSION} is not the locked version; resolving it afresh" >&2
  sed -E "s/==.*//; s/^apache-airflow\$/apache-airflow==${AIRFLOW_VERSION}/" requirements.in >/tmp/unlocked.in
  install -r /tmp/unlocked.in
  starts
fi
for name in $(echo "${AIRFLOW_EXTRAS:-}" | tr , ' '); do
  # One line for each, pinned; the lock gives the hashes of all that they need.
  if ! grep -Eo "^(apache-airflow-providers-)?$name==[^ ]+" requirements-extras.txt >>/tmp/extras.txt; then
    echo "requirements-extras.txt holds no package $name" >&2
    exit 1
  fi
  # Of this stage only; the libraries that it calls are in the image already, since git uses them.
  if [ "$name" = python-ldap ]; then
    apt-install.sh gcc libc6-dev libldap-dev libsasl2-dev python3-dev
  fi
done
if [ -s /tmp/extras.txt ] && grep -q "^apache-airflow==${AIRFLOW_VERSION} " requirements.txt; then
  install --require-hashes -r /tmp/extras.txt --constraint requirements-extras.txt
elif [ -s /tmp/extras.txt ]; then
  "$uv" pip freeze -q >/tmp/frozen.txt
  sed 's/==.*//' /tmp/extras.txt >/tmp/unlocked.in
  install --constraint /tmp/frozen.txt -r /tmp/unlocked.in
fi
if [ -n "${EXTRA_REQUIREMENTS}" ]; then
  "$uv" pip freeze -q >/tmp/frozen.txt
  # shellcheck disable=SC2086  # a list of requirements, split at blanks on purpose
  install --constraint /tmp/frozen.txt ${EXTRA_REQUIREMENTS}
fi
