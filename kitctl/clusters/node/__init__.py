"""Provider `node`: a real single-node Kubernetes on a bare Linux machine, for CI and throw-away VMs (docs/node.md)."""

from __future__ import annotations

from kitctl.clusters.node.cluster import NodeCluster


def cluster(name: str) -> NodeCluster:
    """Return the node `name`; the default name of the kit is "kitctl-node"."""
    return NodeCluster(name)
