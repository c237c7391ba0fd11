"""Names and places of one node: everything it owns is derived here from its name and one recorded number."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template

from kitctl.errors import ExitCode, KitError
from kitctl.model.names import check_cluster

FILES = Path(__file__).parent / "files"
REPOSITORY = "kitctl.local/node"
"""Prefix of the images of the control plane, made on this machine; no registry has them."""
_SERVER = re.compile(r"server: https://10\.213\.(\d+)\.2:")


def state_root() -> Path:
    """Return the folder that holds the state of all nodes: `KITCTL_STATE`, else /var/lib/kitctl.

    Raises:
        KitError: `state-folder-invalid` where it, or what lies above it, is no folder.
    """
    root = Path(os.environ.get("KITCTL_STATE") or "/var/lib/kitctl")
    there = next(p for p in (root, *root.parents) if p.exists())
    if not there.is_dir():
        raise KitError(
            "state-folder-invalid",
            f"The state of the node cannot be stored in {root}",
            cause=f"{there} is not a folder",
            fix="Set KITCTL_STATE to a folder, or unset it to use /var/lib/kitctl",
            code=ExitCode.PREFLIGHT,
        )
    return root


@dataclass(frozen=True)
class Network:
    """Addresses of one node. Nodes live in network namespaces of their own; only the veth is seen by the host.

    Attributes:
        index: The number (0-255) that tells the nodes of a machine apart.
    """

    index: int

    @property
    def subnet(self) -> str:
        """The /24 between host and node."""
        return f"10.213.{self.index}.0/24"

    @property
    def host(self) -> str:
        """The host's end."""
        return f"10.213.{self.index}.1"

    @property
    def address(self) -> str:
        """The node's end: API server and NodePorts answer here."""
        return f"10.213.{self.index}.2"

    @property
    def pods(self) -> str:
        """The pods' /24, seen only inside the node."""
        return f"10.214.{self.index}.0/24"

    @property
    def services(self) -> str:
        """The Services' /24, seen only inside the node."""
        return f"10.215.{self.index}.0/24"

    @property
    def uplink(self) -> str:
        """The /24 of the user-mode network to the outside, seen only inside the node."""
        return f"10.216.{self.index}.0/24"

    @property
    def resolver(self) -> str:
        """Address inside the node that forwards to the machine's own name server."""
        return f"10.216.{self.index}.3"

    @property
    def dns(self) -> str:
        """Cluster address of CoreDNS."""
        return f"10.215.{self.index}.10"


@dataclass(frozen=True)
class Layout:
    """Paths and names of the node `name`.

    Raises:
        KitError: `cluster-name-invalid` for a name that no kernel or Kubernetes object would carry.
    """

    name: str

    def __post_init__(self) -> None:
        check_cluster(self.name)

    @property
    def state(self) -> Path:
        """The folder of all that survives a restart."""
        return state_root() / self.name

    @property
    def pid_file(self) -> Path:
        """Holds the host's number of the node's first process."""
        return self.state / "pid"

    @property
    def ready_file(self) -> Path:
        """There once kubeadm made the cluster: from then on the state is worth keeping."""
        return self.state / "initialised"

    @property
    def network_file(self) -> Path:
        """Holds the recorded number of the node's network."""
        return self.state / "network.json"

    @property
    def kubernetes(self) -> Path:
        """Becomes /etc/kubernetes."""
        return self.state / "kubernetes"

    @property
    def admin(self) -> Path:
        """The administrator's kubeconfig as kubeadm wrote it."""
        return self.kubernetes / "admin.conf"

    @property
    def root_admin(self) -> Path:
        """The kubeconfig that works before kubeadm has bound any role; it never leaves the state folder."""
        return self.kubernetes / "super-admin.conf"

    @property
    def kit(self) -> Path:
        """Becomes /kit: programs and scripts of the supervisor."""
        return self.state / "kit"

    @property
    def var(self) -> Path:
        """Becomes /var: etcd, containerd, kubelet, volumes, logs."""
        return self.state / "var"

    @property
    def logs(self) -> Path:
        """Logs of the daemons."""
        return self.var / "log" / "kit"

    @property
    def veth(self) -> str:
        """Name of the host's end of the veth pair; the kernel allows 15 letters."""
        return "kit-" + hashlib.sha256(self.name.encode()).hexdigest()[:8]

    def snapshotter(self) -> str:
        """Return how the node's containerd keeps layers: what was chosen when it was made, or "" before."""
        config = self.state / "etc/containerd/config.toml"
        if not config.exists():
            return ""
        document = tomllib.loads(config.read_text(encoding="utf-8"))
        return str(document["plugins"]["io.containerd.grpc.v1.cri"]["containerd"]["snapshotter"])

    def network(self) -> Network | None:
        """Return the addresses that the node was made with, or None before.

        A crash or a full disk can leave the record empty. The administrator's kubeconfig then still has the address,
        which cannot change any more: the node's certificates hold it.
        """
        try:
            return Network(int(json.loads(self.network_file.read_text(encoding="utf-8"))["index"]))
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            pass
        try:
            found = _SERVER.search(self.admin.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Network(int(found[1])) if found else None


def advice(verb: str, name: str) -> str:
    """Return the command line that creates or deletes the node `name`, for the fix of an error."""
    return f"kitctl cluster {verb} --provider node --cluster-name {name}"


def not_running(layout: Layout) -> KitError:
    """Return the error of a node whose processes are needed and are not there."""
    return KitError(
        "cluster-not-running",
        f"The node {layout.name} is not running",
        cause="Its containerd does not answer: the machine was restarted, or the node was never made",
        fix=advice("create", layout.name),
    )


def fill(file: str, **facts: str) -> str:
    """Fill the `$name` places of a file of this provider.

    Args:
        file: Name inside `files/`.
        facts: Text for each place; a missing one is a KeyError.
    """
    return Template((FILES / file).read_text(encoding="utf-8")).substitute(facts)
