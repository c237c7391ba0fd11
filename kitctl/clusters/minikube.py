"""Provider `minikube`: profiles of minikube, of kitctl and of the user (docs/minikube-and-kind.md)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Set
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from kitctl.clusters.base import HostNeeds, Progress, not_ours
from kitctl.clusters.loaded import LoadsImages
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import PLAIN, NewCluster
from kitctl.model.versions import pin
from kitctl.tools.kube import contexts
from kitctl.tools.process import Result, run, which

PREFERENCE = 10
"""First: whoever has minikube wants their clusters there. It needs no root."""
MAKES_CLUSTERS = True
DEFAULT_NAME = "minikube"
TAKES: Set[str] = frozenset({"kubernetes_version", "driver", "cpus", "memory", "ports"})
HINTS: Mapping[str, str] = {}

_MARK = "made-by-kitctl"
"""File in the folder of a profile. `minikube delete` removes it with the folder, so that a later profile of the same
name, made by hand, is not taken for kitctl's."""
_START_SECONDS = 1200.0
_NO_VM = {"none", "native"}
"""Drivers whose node is this machine itself; they need root, and all others refuse it."""
_CONTAINERS = {"", "docker", "podman"}
"""Drivers whose nodes are containers; without a name, minikube prefers them."""
_NETWORKS = ("192.168.49.0/24", "192.168.39.0/24", "192.168.59.0/24", "10.96.0.0/12")
"""Nodes of the drivers docker, kvm2 and virtualbox, and Services."""


def usable() -> bool:
    """Whether `auto` may take it: minikube is on PATH. Most drivers refuse root, which therefore must name one."""
    return which("minikube") is not None and (os.geteuid() != 0 or bool(os.environ.get("MINIKUBE_DRIVER")))


def check(name: str) -> None:
    """Refuse a machine without minikube, or with another version than MINIKUBE_VERSION asks for.

    Raises:
        KitError: `minikube-missing`, `minikube-version-differs`.
    """
    program = _program()
    wanted = os.environ.get("MINIKUBE_VERSION", "")
    if not wanted:
        return
    have = run([program, "version", "--short"], timeout=30).stdout.strip()
    if have.removeprefix("v") != wanted.removeprefix("v"):
        raise KitError(
            "minikube-version-differs",
            f"minikube is {have}, and MINIKUBE_VERSION asks for {wanted}",
            cause=f"{program} is the minikube on PATH; kitctl installs none",
            fix=f"Install minikube {wanted}, or unset MINIKUBE_VERSION",
            code=ExitCode.PREFLIGHT,
        )


def needs() -> HostNeeds:
    """Return what a profile needs here, which depends on the driver."""
    driver = os.environ.get("KITCTL_DRIVER") or os.environ.get("MINIKUBE_DRIVER", "")
    if driver in _NO_VM:
        ports = {8443: "the API server", 10250: "the kubelet"}
        return HostNeeds(ports=ports, networks=_NETWORKS, programs=("minikube",))
    return HostNeeds(
        kernel=driver in _CONTAINERS,
        networks=_NETWORKS,
        no_root=f"minikube refuses root with the driver {driver or 'docker'}",
        programs=("minikube", driver or "docker") if driver in _CONTAINERS else ("minikube",),
    )


def made(name: str) -> bool:
    """Whether kitctl made the profile `name`, running or not."""
    return (_folder(name) / _MARK).is_file()


def made_with_context(context: str) -> str | None:
    """Return the name of kitctl's profile with this context, which is named like the profile."""
    return context if made(context) else None


def with_context(context: str) -> str | None:
    """Return the name of the profile with this context, whoever made it."""
    return context if _exists(context) and which("minikube") else None


def cluster(name: str, kubeconfig: Path | None = None) -> MinikubeCluster:
    """Return the profile `name`."""
    return MinikubeCluster(name, kubeconfig)


class MinikubeCluster(LoadsImages):
    """A profile of minikube; see kitctl.clusters.base.Cluster for what each verb means."""

    provider = "minikube"

    def __init__(self, name: str, kubeconfig: Path | None = None) -> None:
        self.name = name
        self._kubeconfig = kubeconfig

    @cached_property
    def made_by_kit(self) -> bool:
        """Whether kitctl made the profile, or would make it."""
        return made(self.name) or not _exists(self.name)

    def context(self) -> str:
        """Name of the kube context: that of the profile."""
        return self.name

    def node_port_address(self, port: int) -> str | None:
        """Return the port at the node's address on Linux; elsewhere containers and VMs may not be reachable."""
        if sys.platform != "linux" or which("minikube") is None:
            return None
        answer = self._run("ip", check=False)
        address = answer.stdout.strip()
        return f"{address}:{port}" if answer.ok and address else None

    def exists(self) -> bool:
        """Whether host and API server of the profile run, as `minikube status` sees it."""
        if not _exists(self.name) or which("minikube") is None:
            return False
        answer = self._run("status", "--output", "json", check=False)
        try:
            listed = json.loads(answer.stdout or "null")
        except json.JSONDecodeError:
            return False
        nodes = listed if isinstance(listed, list) else [listed or {}]
        return all(node.get("Host") == "Running" for node in nodes) and nodes[0].get("APIServer") == "Running"

    def create(self, progress: Progress, wanted: NewCluster = PLAIN) -> None:
        """Start the profile, or make it if there is none."""
        check(self.name)
        if self.exists():
            if not contexts.known(self.name, self._kubeconfig):
                self._run("update-context")
            progress(f"minikube profile {self.name} is running")
            return
        new = not _exists(self.name)
        progress(f"minikube profile {self.name}: {'creating' if new else 'starting'}; this takes minutes")
        if new:
            # Before the start: an interrupted one must not leave a profile that nobody may delete.
            _folder(self.name).mkdir(parents=True, exist_ok=True)
            (_folder(self.name) / _MARK).touch()
        self._run(
            "start", "--interactive=false", "--wait=all", *(_arguments(wanted) if new else ()), seconds=_START_SECONDS
        )

    def delete(self, progress: Progress) -> None:
        """Delete a profile that kitctl made.

        Raises:
            KitError: `cluster-not-ours` (code USAGE).
        """
        if not self.made_by_kit:
            by_hand = f"minikube delete --profile {self.name}"
            raise not_ours(f"The minikube profile {self.name}", self.name, by_hand)
        if not made(self.name):
            return
        progress(f"minikube profile {self.name}: deleting")
        self._run("delete", seconds=_START_SECONDS)
        with suppress(OSError):  # of a start that failed early, minikube may know nothing
            (_folder(self.name) / _MARK).unlink()
            _folder(self.name).rmdir()

    def _load(self, archive: Path) -> Result:
        return self._run("image", "load", str(archive), seconds=900.0)

    def _listed(self) -> list[Any]:
        nodes = [line.split()[0] for line in self._run("node", "list").stdout.splitlines() if line.split()]
        if len(nodes) <= 1:  # also with the driver none, which has no ssh
            return [json.loads(self._run("image", "ls", "--format", "json").stdout or "[]")]
        # The list of `image ls` is one for all nodes together.
        crictl = ("sudo", "crictl", "images", "--output", "json")
        return [json.loads(self._run("ssh", "--node", node, "--", *crictl).stdout) for node in nodes]

    def _run(self, *words: str, check: bool = True, seconds: float = 60.0) -> Result:
        """Run a command of minikube on this profile."""
        argv = [_program(), *words]
        cut = argv.index("--") if "--" in argv else len(argv)
        argv[cut:cut] = ["--profile", self.name]
        fix = f"minikube logs --profile {self.name}"
        if words[0] == "start" and made(self.name):
            fix += "\nkitctl cluster delete --provider minikube    # then again, perhaps with another --driver"
        env = {"KUBECONFIG": str(self._kubeconfig)} if self._kubeconfig else None
        return run(argv, env=env, check=check, timeout=seconds, error_id="minikube-failed", fix=fix)


def _arguments(wanted: NewCluster) -> list[str]:
    """Return the arguments of `minikube start` for a new profile."""
    version = wanted.version or f"v{pin('kubernetes.version')}"
    options = {"--driver": wanted.driver, "--cpus": wanted.cpus, "--memory": wanted.memory}
    return [
        f"--kubernetes-version={version}",
        *(f"{name}={value}" for name, value in options.items() if value),
        *(f"--ports={port}" for port in wanted.ports),
    ]


def _program() -> str:
    found = which("minikube")
    if found is None:
        raise KitError(
            "minikube-missing",
            "The program minikube was not found",
            cause="It is not on PATH. kitctl drives the minikube of this machine and installs none",
            fix="Install it as minikube.sigs.k8s.io/docs/start says\n"
            "or, on a Linux machine as root: kitctl up --provider node",
            code=ExitCode.PREFLIGHT,
        )
    return str(found)


def _home() -> Path:
    """Return minikube's folder: `MINIKUBE_HOME`, with or without .minikube at its end, else ~/.minikube."""
    chosen = os.environ.get("MINIKUBE_HOME")
    home = Path(chosen) if chosen else Path.home()
    return home if home.name == ".minikube" else home / ".minikube"


def _folder(name: str) -> Path:
    return _home() / "profiles" / name


def _exists(name: str) -> bool:
    """Whether minikube has a profile of this name, running or not."""
    return (_folder(name) / "config.json").is_file()
