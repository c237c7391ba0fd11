#!/usr/bin/env bash
# The minikube tutorial's start_minikube.sh: creates or starts the minikube cluster. KUBERNETES_VERSION and MINIKUBE_VERSION count,
# and options of `kitctl cluster create` can be added.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
exec "$here/kitctl" cluster create --provider minikube "$@"
