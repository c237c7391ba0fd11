"""The cluster that `doctor` looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kitctl import clusters
from kitctl.clusters import choice
from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.tools.kube.client import Kube

if TYPE_CHECKING:
    from kitctl.clusters.base import Cluster


@dataclass(frozen=True)
class Place:
    """The cluster that is meant.

    Attributes:
        provider: Name of the cluster provider that `up` would take.
        cluster: The cluster, None where none can be meant.
        exists: Whether it was made, running or not.
        kube: Its API, None where it does not answer or is not made yet.
        trouble: Why there is no `kube`, None where the cluster is only not made yet.
    """

    provider: str = "existing"
    cluster: Cluster | None = None
    exists: bool = True
    kube: Kube | None = None
    trouble: KitError | None = None

    @property
    def ours(self) -> bool:
        """Whether the kit made the cluster, or would make it."""
        return self.cluster is not None and self.cluster.made_by_kit


def look(settings: Settings) -> Place:
    """Return the cluster that is meant; one that does not answer is a fact, and no error."""
    provider = settings.provider if settings.provider != choice.AUTO else Place.provider
    found: Cluster | None = None
    exists = True
    try:
        found = choice.cluster(settings)
        provider = found.provider
        exists = not found.made_by_kit or clusters.made(provider, found.name)
        kube = Kube.connect(found.context(), settings.kubeconfig) if exists else None
        return Place(provider, found, exists, kube)
    except KitError as error:
        return Place(provider, found, exists, trouble=error)
