#!/usr/bin/env bash
# The minikube tutorial's build.sh: builds the image airflow:latest and loads it into the minikube cluster. Options of
# `kitctl image build` can be added, such as --dags and --requirements.
set -euo pipefail

kitctl=$(dirname "$(dirname "$(realpath "$0")")")/scripts/kitctl
"$kitctl" image build --tag airflow:latest "$@"
exec "$kitctl" image load airflow:latest --provider "${KITCTL_PROVIDER:-minikube}"
