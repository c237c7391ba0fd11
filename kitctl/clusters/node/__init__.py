"""Provider `node`: a real single-node Kubernetes on a bare Linux machine, for CI and throw-away VMs (docs/node.md)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Set
from pathlib import Path

from kitctl.clusters.base import HostNeeds
from kitctl.clusters.node import preflight
from kitctl.clusters.node.cluster import NodeCluster
from kitctl.clusters.node.layout import Layout, state_root
from kitctl.model.names import valid_cluster

PREFERENCE = 30
"""After minikube (10) and kind (20), which need no root."""
MAKES_CLUSTERS = True
DEFAULT_NAME = "kitctl-node"
TAKES: Set[str] = frozenset()
HINTS: Mapping[str, str] = {}


def usable() -> bool:
    """Whether `auto` may take it: root on Linux. What else the machine lacks is told by create()."""
    return sys.platform == "linux" and os.geteuid() == 0


def needs() -> HostNeeds:
    """Return what a node needs here. It listens in a network namespace of its own, so it needs no port."""
    return HostNeeds(networks=("10.213.0.0/16",), modules=("overlay", "veth", "tun"))


def made(name: str) -> bool:
    """Whether a node of this name was made, running or not."""
    return valid_cluster(name) and (state_root() / name).is_dir()


def made_with_context(context: str) -> str | None:
    """Return the name of the node with this kube context, which is named like the node."""
    return context if made(context) else None


def with_context(context: str) -> str | None:
    """Return the name of the node with this kube context; nobody else makes nodes."""
    return made_with_context(context)


def cluster(name: str, kubeconfig: Path | None = None) -> NodeCluster:
    """Return the node `name`."""
    return NodeCluster(name, kubeconfig)


def check(name: str) -> None:
    """Refuse a machine that cannot carry the node `name`, with the first reason (KitError, code PREFLIGHT)."""
    preflight.check(Layout(name))
