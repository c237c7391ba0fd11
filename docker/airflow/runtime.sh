#!/bin/sh
# What a running Airflow needs of the operating system: packages, interpreter, user, folders. First layer of the image.
# Arguments by environment: PYTHON_VERSION, for example 3.13, or empty for whatever the base holds.
set -eu

# dumb-init: signals and zombies. git, openssh-client: git bundles. libstdc++6: compiled wheels.
packages="ca-certificates dumb-init git libstdc++6 openssh-client tzdata"
command -v python3 >/dev/null || packages="$packages python3 python3-venv"
# shellcheck disable=SC2086  # a list
apt-install.sh $packages
# @task.virtualenv makes virtual environments, and so does the build.
python3 -c "import ensurepip" 2>/dev/null || apt-install.sh python3-venv

found="$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
if [ -n "${PYTHON_VERSION}" ] && [ "$found" != "${PYTHON_VERSION}" ]; then
  echo "The base image has Python $found, not ${PYTHON_VERSION}: choose another BASE_IMAGE," \
    "for example docker.io/library/python:${PYTHON_VERSION}-slim" >&2
  exit 1
fi

# Debian's interpreter has a sitecustomize of its own, which would hide one in site-packages: ours takes its place.
stdlib="$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
ln -sf /usr/local/share/airflow-kit/sitecustomize.py "$stdlib/sitecustomize.py"

# Pycs that record the source's mtime go stale when layers are unpacked, and are then compiled anew in every pod.
find "$stdlib" -depth -type d -name __pycache__ -exec rm -rf {} +
python3 -X no_debug_ranges -m compileall -q -f -j 0 --invalidation-mode unchecked-hash \
  -x '/(test|lib2to3)/' "$stdlib" /usr/local/share/airflow-kit # those two hold samples of broken code

# Nothing in the image may raise its rights.
find / -xdev -type f -perm /6000 -exec chmod ug-s {} +

useradd --uid 50000 --gid 0 --no-log-init --create-home --home-dir /home/airflow --shell /bin/bash airflow
mkdir -p /opt/airflow/dags /opt/airflow/logs /opt/airflow/plugins
chown -R airflow:0 /opt/airflow /home/airflow
# Clusters that choose the uid (OpenShift) keep the gid 0: the group may what the user may.
chmod -R g=u /opt/airflow /home/airflow
