#!/usr/bin/env bash
# The minikube tutorial's deploy.sh: installs Airflow with the image of docker/build.sh. Options of `kitctl up` can be added.
#   deploy.sh -d persistent_mode     DAGs on a volume
#   deploy.sh -d git_mode            DAGs from CONFIGMAP_GIT_REPO, branch CONFIGMAP_BRANCH
set -euo pipefail

here=$(dirname "$(realpath "$0")")
# shellcheck source=scripts/lib/say.sh disable=SC1091
. "$here/lib/say.sh"
case ${1-} in
    -d) ;;
    -h | --help)
        sed -n '2,4s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) die 2 "deploy.sh needs the DAG mode" "It was called as: deploy.sh $*" "scripts/deploy.sh -d persistent_mode    # or: -d git_mode" usage ;;
esac
mode=${2-}
shift $(($# < 2 ? $# : 2))
exec "$here/kitctl" up --provider "${KITCTL_PROVIDER:-minikube}" --dag-mode "$mode" --image airflow:latest "$@"
