"""Which cluster an inspecting command means, and how this machine reaches its nodes. Nothing is made here."""

from __future__ import annotations

from kitctl import clusters
from kitctl.clusters.base import Cluster
from kitctl.model.settings import Settings


def context_of(settings: Settings) -> str | None:
    """Return the kube context that the settings mean, None for kubectl's current one.

    As `up` chooses, except that where the kit made no cluster of that name, the current context is meant.

    Raises:
        KitError: `provider-unknown`.
    """
    if settings.context:
        return settings.context
    if settings.provider == "auto":
        own = own_cluster(settings)
        return own.context() if own else None
    if settings.provider == "existing":
        return None
    return clusters.get(settings.provider, settings.cluster, settings.kubeconfig).context()


def node_address(settings: Settings, context: str) -> str | None:
    """Return the address under which this machine reaches NodePorts of a context, or None.

    Only the provider that made the cluster knows it.
    """
    own = own_cluster(settings, context)
    return own.node_address() if own else None


def own_cluster(settings: Settings, context: str | None = None) -> Cluster | None:
    """Return the cluster that the kit made under the settings' name, or under that of the context; else None.

    Args:
        settings: Carries the name.
        context: Only a cluster with this kube context counts; None takes any.
    """
    for name in dict.fromkeys([settings.cluster, context or settings.cluster]):
        for provider in clusters.ranked():
            if clusters.made(provider, name):
                cluster = clusters.get(provider, name, settings.kubeconfig)
                if context in {None, cluster.context()}:
                    return cluster
    return None
