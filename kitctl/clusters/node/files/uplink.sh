#!/bin/bash
# Host side of a node's way out: keeps slirp4netns running, which gives the node a default route and a name server.
# It opens ordinary connections as a process of this machine, so there is no forwarding, no rule and no route on the host.
# Arguments: pid of the node, subnet inside the node, cgroup folders to join...
set -eu
node=$1 subnet=$2
shift 2
for cgroup in "$@"; do
    echo $$ >"$cgroup/cgroup.procs"
done
while [ -e "/proc/$node/ns/net" ]; do
    # It ends with the node, or because somebody killed it: its words are in the log, and the loop decides what follows.
    # What listens on the machine's own loopback is no business of a pod.
    slirp4netns --configure --mtu=1500 --cidr="$subnet" --disable-host-loopback "$node" tap0 || true
    sleep 1
done
