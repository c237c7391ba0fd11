#!/bin/bash
# Host side of a node's start: joins the node's cgroups, so that every process of the node can be found by them later,
# and becomes `unshare`, whose child is pid 1 of the node. Killing either one ends the whole node.
# Arguments: state folder, node name, cgroup folders to join...
set -eu
state=$1 name=$2
shift 2
for cgroup in "$@"; do
    echo $$ >"$cgroup/cgroup.procs"
done
exec unshare --net --mount --uts --ipc --pid --fork --kill-child --propagation private -- \
    /bin/bash "$state/boot.sh" "$state" "$name"
