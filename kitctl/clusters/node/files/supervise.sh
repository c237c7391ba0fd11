#!/bin/bash
# Runs inside the node's own root, as its pid 1: starts each daemon once its configuration is there, and again when it ends.
set -u
mkdir -p /var/log/kit

# keep NAME FILE COMMAND...: waits until kubeadm or kitctl wrote FILE, then runs the command for ever.
keep() {
    local name=$1 file=$2
    shift 2
    until [ -e "$file" ]; do sleep 0.1; done
    while :; do
        # One file of the run before is kept: it tells why a daemon ended, and nothing grows for ever.
        if [ -s "/var/log/kit/$name.log" ]; then mv "/var/log/kit/$name.log" "/var/log/kit/$name.old.log"; fi
        "$@" >"/var/log/kit/$name.log" 2>&1 </dev/null
        echo "$name ended with $?, starts again in a second" >>"/var/log/kit/$name.log"
        sleep 1
    done
}

kubelet_once() {
    # kubeadm writes the node's address and name to this file as KUBELET_KUBEADM_ARGS.
    # shellcheck source=/dev/null
    . /var/lib/kubelet/kubeadm-flags.env
    # shellcheck disable=SC2086  # a list of flags
    kubelet --kubeconfig=/etc/kubernetes/kubelet.conf --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \
        --config=/var/lib/kubelet/config.yaml ${KUBELET_KUBEADM_ARGS:-}
}

keep containerd /etc/containerd/config.toml containerd --config /etc/containerd/config.toml &
keep kubelet /var/lib/kubelet/config.yaml kubelet_once &
keep kube-proxy /etc/kubernetes/kube-proxy.yaml kube-proxy --config /etc/kubernetes/kube-proxy.yaml &

# Pid 1 gets the orphans of the whole node (shims, probes); bash reaps them as long as it waits.
while :; do wait; done
