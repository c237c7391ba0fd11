"""Provider `kind`: clusters in containers, of kitctl and of the user (docs/minikube-and-kind.md)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Set
from functools import cached_property
from pathlib import Path
from typing import Any

from kitctl.clusters.base import HostNeeds, Progress, not_ours
from kitctl.clusters.loaded import LoadsImages
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import PLAIN, NewCluster
from kitctl.model.settings import NODE_PORT, cache_dir
from kitctl.model.versions import pin
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube import contexts
from kitctl.tools.process import Result, run, which

PREFERENCE = 20
"""After minikube, and before the built-in node, which needs root."""
MAKES_CLUSTERS = True
DEFAULT_NAME = "kind"
TAKES: Set[str] = frozenset({"kubernetes_version", "ports"})
HINTS: Mapping[str, str] = {}

_ENGINES = ("docker", "nerdctl", "podman")
"""What kind runs its nodes with, in its own order; KIND_EXPERIMENTAL_PROVIDER names another."""
_MARK = "/var/lib/made-by-kitctl"
"""Where an empty folder is mounted into the nodes that kitctl makes. The mark is there from the first moment on, also
while a node is stopped, and goes with the node."""
_READY_SECONDS = 300.0


def usable() -> bool:
    """Whether `auto` may take it: kind is on PATH, and an engine for its containers answers.

    A docker client is often there without its daemon.
    """
    return which("kind") is not None and _engine_path() is not None and _engine("version", check=False).ok


def check(name: str) -> None:
    """Refuse a machine without kind or without an engine that answers.

    Raises:
        KitError: `kind-missing`, `kind-engine-missing`.
    """
    _kind("get", "clusters")


def needs() -> HostNeeds:
    """Return what a cluster needs here. kind leads the port of the UI to 127.0.0.1, and chooses that of its API."""
    return HostNeeds(ports={NODE_PORT: "the UI"}, programs=("kind", *_ENGINES[:1]))


def made(name: str) -> bool:
    """Whether kitctl made the cluster `name`, running or not."""
    if not usable():
        return False
    template = "{{range .Mounts}}{{.Destination}} {{end}}"
    answer = _engine("inspect", "--format", template, f"{name}-control-plane", check=False)
    return answer.ok and _MARK in answer.stdout.split()


def made_with_context(context: str) -> str | None:
    """Return the name of kitctl's cluster with this context, "kind-" and the name."""
    name = context.removeprefix("kind-")
    return name if context.startswith("kind-") and made(name) else None


def with_context(context: str) -> str | None:
    """Return the name of the cluster with this context, whoever made it."""
    name = context.removeprefix("kind-")
    return name if context.startswith("kind-") and usable() and name in _names() else None


def cluster(name: str, kubeconfig: Path | None = None) -> KindCluster:
    """Return the cluster `name`."""
    return KindCluster(name, kubeconfig)


class KindCluster(LoadsImages):
    """A cluster of kind; see kitctl.clusters.base.Cluster for what each verb means."""

    provider = "kind"

    def __init__(self, name: str, kubeconfig: Path | None = None) -> None:
        self.name = name
        self._kubeconfig = kubeconfig

    @cached_property
    def made_by_kit(self) -> bool:
        """Whether kitctl made the cluster, or would make it."""
        return made(self.name) or not (usable() and self.name in _names())

    def context(self) -> str:
        """Name of the kube context."""
        return f"kind-{self.name}"

    def node_port_address(self, port: int) -> str | None:
        """Return the port of this machine that leads to a NodePort, None if none does."""
        if not usable():
            return None
        answer = _engine("port", f"{self.name}-control-plane", f"{port}/tcp", check=False)
        # Podman tells an address only if the port has one; any other means all addresses of this machine.
        found = answer.stdout.split() if answer.ok else []
        return f"127.0.0.1:{found[0].rpartition(':')[2]}" if found else None

    def exists(self) -> bool:
        """Whether the cluster is there and its API server answers inside its node."""
        return usable() and self.name in _names() and self._answers()

    def create(self, progress: Progress, wanted: NewCluster = PLAIN) -> None:
        """Make the cluster, start its nodes again, or do nothing where it runs."""
        check(self.name)
        if self.name not in _names():
            progress(f"kind cluster {self.name}: creating; this takes minutes")
            _folder().mkdir(parents=True, exist_ok=True)
            image = f"kindest/node:{wanted.version}" if wanted.version else pin("kind.node_image")
            argv = ["create", "cluster", "--name", self.name, "--image", image, "--wait", f"{_READY_SECONDS:.0f}s"]
            _kind(*argv, "--config", "-", *self._config(), text=_configuration(wanted), seconds=_READY_SECONDS + 900)
            return
        if not self._answers():
            progress(f"kind cluster {self.name}: starting its nodes")
            _engine("start", *self._nodes())
            if not Deadline(_READY_SECONDS).until(lambda: self._answers() or None, every=1.0):
                raise KitError(
                    "cluster-not-answering",
                    f"The kind cluster {self.name} does not answer",
                    cause=f"Its nodes run, but its API server is not ready after {_READY_SECONDS:.0f} s",
                    fix=f"kind export logs --name {self.name}    # tells why",
                    code=ExitCode.UNREACHABLE,
                )
        if not contexts.known(self.context(), self._kubeconfig):
            _kind("export", "kubeconfig", "--name", self.name, *self._config())
        progress(f"kind cluster {self.name} is running")

    def delete(self, progress: Progress) -> None:
        """Delete a cluster that kitctl made.

        Raises:
            KitError: `cluster-not-ours` (code USAGE).
        """
        if not self.made_by_kit:
            by_hand = f"kind delete cluster --name {self.name}"
            raise not_ours(f"The kind cluster {self.name}", self.context(), by_hand)
        if made(self.name):
            progress(f"kind cluster {self.name}: deleting")
            _kind("delete", "cluster", "--name", self.name, *self._config(), seconds=300.0)

    def _load(self, archive: Path) -> Result:
        return _kind("load", "image-archive", str(archive), "--name", self.name, seconds=900.0)

    def _listed(self) -> list[Any]:
        crictl = ("crictl", "images", "--output", "json")
        return [json.loads(_engine("exec", node, *crictl).stdout) for node in self._nodes()]

    def _nodes(self) -> list[str]:
        """Return the containers that run pods; kind's load balancer of several control planes runs none."""
        listed = _kind("get", "nodes", "--name", self.name).stdout.split()
        return [node for node in listed if not node.endswith("-external-load-balancer")]

    def _answers(self) -> bool:
        kubectl = ("kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "--request-timeout=10s")
        return _engine("exec", f"{self.name}-control-plane", *kubectl, "get", "--raw=/readyz", check=False).ok

    def _config(self) -> list[str]:
        return ["--kubeconfig", str(self._kubeconfig)] if self._kubeconfig else []


def _configuration(wanted: NewCluster) -> str:
    """Return the configuration of a new cluster: one node, on which a port of this machine leads to the UI.

    JSON, which is YAML as well.
    """
    ports = [tuple(port.split(":", 1)) for port in wanted.ports] or [(str(NODE_PORT), str(NODE_PORT))]
    node = {
        "role": "control-plane",
        "extraPortMappings": [
            {"containerPort": int(inner), "hostPort": int(outer), "listenAddress": "127.0.0.1", "protocol": "TCP"}
            for outer, inner in ports
        ],
        "extraMounts": [{"hostPath": str(_folder()), "containerPath": _MARK, "readOnly": True}],
    }
    return json.dumps({"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "nodes": [node]}, indent=2)


def _folder() -> Path:
    return cache_dir() / "kind"


def _names() -> list[str]:
    """Return the names of all clusters; "No kind clusters found." goes to stderr."""
    return _kind("get", "clusters").stdout.split()


def _engine_path() -> Path | None:
    chosen = os.environ.get("KIND_EXPERIMENTAL_PROVIDER")
    return next((found for name in ([chosen] if chosen else _ENGINES) if (found := which(name))), None)


def _engine(*words: str, check: bool = True) -> Result:
    """Run a command of the engine of kind's containers."""
    path = _engine_path()
    if path is None:
        raise KitError(
            "kind-engine-missing",
            "No engine for the containers of kind was found",
            cause=f"None of {', '.join(_ENGINES)} is on PATH",
            fix="Install Docker or Podman\nor, on a Linux machine as root: kitctl up --provider node",
            code=ExitCode.PREFLIGHT,
        )
    return run([str(path), *words], check=check, timeout=120, error_id="kind-failed")


def _kind(*words: str, text: str | None = None, seconds: float = 60.0) -> Result:
    """Run a command of kind."""
    found = which("kind")
    if found is None:
        raise KitError(
            "kind-missing",
            "The program kind was not found",
            cause="It is not on PATH. kitctl drives the kind of this machine and installs none",
            fix="Install it as kind.sigs.k8s.io says\nor, on a Linux machine as root: kitctl up --provider node",
            code=ExitCode.PREFLIGHT,
        )
    if _engine_path() is None:
        _engine()
    fix = "docker info    # does the engine answer, and may this user use it?"
    return run([str(found), *words], input_text=text, timeout=seconds, error_id="kind-failed", fix=fix)
