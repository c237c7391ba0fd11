"""The protocol of every cluster provider. A provider is a module in this folder; nothing else branches on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

Progress = Callable[[str], None]
"""Takes one short line about the step under way; printed on stderr."""


class Cluster(Protocol):
    """A place that runs Kubernetes.

    Attributes:
        provider: File name of the provider: "node", "existing", "minikube", "kind".
        name: The cluster's name; also its kube context for clusters that the kit makes ("kitctl-node").
        made_by_kit: Whether the kit created it, so that `up` needs no confirmation and `down --cluster` may delete it.
    """

    provider: str
    name: str
    made_by_kit: bool

    def exists(self) -> bool:
        """Whether the cluster is there and running (a crashed one counts as not running)."""
        ...

    def create(self, progress: Progress) -> None:
        """Make the cluster Ready, repair it, or do nothing where it runs. Writes its context to the kubeconfig.

        Raises:
            KitError: with code PREFLIGHT where the host cannot carry it.
        """
        ...

    def delete(self, progress: Progress) -> None:
        """Remove the cluster with all it left, and its context from the kubeconfig. Absent is fine."""
        ...

    def load_image(self, reference: str, archive: Path, progress: Progress) -> None:
        """Bring an image (docker-archive file) under `reference` onto every node."""
        ...

    def has_image(self, reference: str) -> bool:
        """Whether the nodes already hold exactly this reference."""
        ...

    def loaded_from(self, reference: str) -> str:
        """Stem of the archive that `load_image` took this reference from; "" where that is not known."""
        ...

    def context(self) -> str:
        """Name of the kube context to pass to helm and kubectl."""
        ...

    def node_address(self) -> str | None:
        """Address under which this machine reaches NodePorts, or None where only a port-forward does."""
        ...
