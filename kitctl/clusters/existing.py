"""Provider `existing`: any cluster that a kube context leads to. The kit neither makes nor removes it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path

from kitctl.clusters.base import HostNeeds, Progress, not_ours
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import PLAIN, NewCluster
from kitctl.tools.process import run
from kitctl.tools.toolbox import tool

PREFERENCE = 100
"""Last: `auto` never takes a cluster of somebody's when it can make one of its own."""
MAKES_CLUSTERS = False
DEFAULT_NAME = ""
TAKES: Set[str] = frozenset()
HINTS: Mapping[str, str] = {
    "k3d": "kitctl up --context k3d-NAME",
    "k3s": "kitctl up --context default --kubeconfig /etc/rancher/k3s/k3s.yaml",
    "microk8s": "microk8s config > microk8s.yaml\nkitctl up --context microk8s --kubeconfig microk8s.yaml",
    "docker-desktop": "kitctl up --context docker-desktop",
}
"""Tools that people make a cluster with and give as --provider: their clusters are used by their context."""


def usable() -> bool:
    """Whether this provider can work here: always, it needs only a context."""
    return True


def check(name: str) -> None:
    """Accept every machine: the cluster runs elsewhere."""


def needs() -> HostNeeds:
    """Return that the nodes are elsewhere."""
    return HostNeeds(here=False, kernel=False)


def made(name: str) -> bool:
    """Whether the kit made this cluster: never."""
    return False


def made_with_context(context: str) -> None:
    """Return None: the kit made none of these clusters."""


def with_context(context: str) -> str:
    """Return the context itself: any cluster can be used by its context."""
    return context


def cluster(name: str, kubeconfig: Path | None = None) -> ExistingCluster:
    """Return the cluster behind the context `name`."""
    return ExistingCluster(name, kubeconfig)


class ExistingCluster:
    """A cluster of somebody else's; see kitctl.clusters.base.Cluster for what each verb means."""

    provider = "existing"
    made_by_kit = False
    loads_images = False
    pulls_images = True

    def __init__(self, name: str, kubeconfig: Path | None = None) -> None:
        self.name = name
        self._kubeconfig = kubeconfig

    def context(self) -> str:
        """Name of the kube context."""
        return self.name

    def node_port_address(self, port: int) -> str | None:
        """None: whether nodes can be reached from here is not known, a port-forward always works."""
        return None

    def exists(self) -> bool:
        """Whether the API server answers."""
        argv = [str(tool("kubectl")), "--context", self.name]
        if self._kubeconfig:
            argv += ["--kubeconfig", str(self._kubeconfig)]
        return run([*argv, "--request-timeout=10s", "get", "--raw=/version"], check=False, timeout=30).ok

    def create(self, progress: Progress, wanted: NewCluster = PLAIN) -> None:
        """Do nothing where the cluster answers, else refuse.

        Raises:
            KitError: `cluster-not-answering` (code UNREACHABLE).
        """
        if not self.exists():
            raise KitError(
                "cluster-not-answering",
                f"The cluster of the context {self.name} does not answer",
                cause="It is stopped, or the context is wrong; kitctl does not start clusters that it did not make",
                fix=f"kubectl --context {self.name} version\nkubectl config get-contexts    # then --context NAME",
                code=ExitCode.UNREACHABLE,
            )
        progress(f"context {self.name} answers")

    def delete(self, progress: Progress) -> None:
        """Refuse: nothing is deleted that the kit did not make.

        Raises:
            KitError: `cluster-not-ours` (code USAGE).
        """
        progress(f"context {self.name} was not made by the kit")
        raise not_ours(f"The cluster of the context {self.name}", self.name)

    def load_image(self, reference: str, archive: Path, progress: Progress) -> None:
        """Refuse: nodes of somebody else's cluster pull their images.

        Raises:
            KitError: `image-load-unsupported` (code USAGE).
        """
        raise KitError(
            "image-load-unsupported",
            f"{reference} cannot be loaded into the cluster of the context {self.name}",
            cause="Nodes of an existing cluster pull their images from a registry",
            fix=f"kitctl image push REGISTRY/{reference}    # built with --tag REGISTRY/{reference}\n"
            f"kitctl up --image REGISTRY/{reference}",
            code=ExitCode.USAGE,
        )

    def has_image(self, reference: str) -> bool:
        """False: the nodes cannot be asked."""
        return False

    def loaded_from(self, reference: str) -> str:
        """Nothing: no image is loaded."""
        return ""
