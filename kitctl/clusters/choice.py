"""Which cluster a command means. This is the only place that decides it; docs/cli.md has the rule for users.

1. `--context NAME` names the cluster. If a provider of the kit made it, the command works with that provider's cluster,
   otherwise with the cluster of somebody else that the context leads to.
2. `--provider` without `--context` means: for a provider that makes clusters, its cluster `--cluster-name`; for
   `existing`, the cluster of kubectl's current context. `existing` treats every cluster as somebody else's: it creates
   and deletes none, and changes need a confirmation. For a command that may create a cluster, `--context` must then be
   the context of a cluster of that provider. For all others the context wins, as KITCTL_PROVIDER may be set for good.
3. With neither, the cluster that the kit made under `--cluster-name` is meant, or under the default name of a provider.
4. If there is no such cluster, `up`, `down`, `doctor` and `cluster create` take the provider that would create it, the
   first one that works on this machine (`cluster`). All other commands need a cluster that exists, and take kubectl's
   current context (`present`, `context`).

Nothing is created or started here.
"""

from __future__ import annotations

from pathlib import Path

from kitctl import clusters
from kitctl.clusters.base import Cluster
from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.model.settings import Settings
from kitctl.tools.kube.contexts import current as current_context

AUTO = "auto"


def cluster(settings: Settings) -> Cluster:
    """Return the cluster that the settings mean, or the one that the kit would create.

    Raises:
        KitError: `provider-unknown`, `cluster-name-invalid`, `context-not-of-provider`, `context-missing` where the
            current context is meant and there is none, or `cluster-impossible` where none can be created either.
    """
    if found := _named(settings, strict=True):
        return found
    provider = next(p for p in clusters.ranked() if clusters.usable(p))
    if clusters.makes(provider):
        return clusters.get(provider, _name(provider, settings), settings.kubeconfig)
    try:
        return of_context(current_context(settings.kubeconfig), settings.kubeconfig)
    except KitError as error:
        raise _impossible(settings, error) from error


def _impossible(settings: Settings, error: KitError) -> KitError:
    """Return the error of a machine that has no cluster and cannot create one; `error` is about the current context."""
    if error.id != "context-missing" or settings.kubeconfig:
        return error
    return KitError(
        "cluster-impossible",
        "There is no cluster, and kitctl cannot create one on this machine",
        cause="\n".join([*(f"{p}: {_lacks(p, settings)}" for p in _makers()), error.message]),
        fix="Install minikube (minikube.sigs.k8s.io/docs/start) or kind (kind.sigs.k8s.io), then: kitctl up\n"
        "or for a cluster elsewhere: kitctl up --context NAME",
        code=ExitCode.PREFLIGHT,
    )


def _lacks(provider: str, settings: Settings) -> str:
    """Return what a provider lacks on this machine."""
    try:
        clusters.check(provider, _name(provider, settings))
    except KitError as error:
        return error.message
    return f"used only if it is named: --provider {provider}"


def present(settings: Settings) -> Cluster:
    """Return the cluster that a command means which creates none.

    Raises:
        KitError: as `cluster`, without `context-not-of-provider`.
    """
    return _named(settings) or of_context(current_context(settings.kubeconfig), settings.kubeconfig)


def context(settings: Settings) -> str | None:
    """Return the kube context of `present`, or None for kubectl's current one, which then need not be looked up.

    Raises:
        KitError: `provider-unknown`, `cluster-name-invalid`.
    """
    if settings.context is None and settings.provider != AUTO and not clusters.makes(settings.provider):
        return None
    found = _named(settings)
    return found.context() if found else None


def of_context(name: str, kubeconfig: Path | None = None) -> Cluster:
    """Return the cluster behind a kube context: the kit's own, or one that somebody else made.

    Of the latter, those of minikube and kind take images as well.
    """
    if own := _made_with_context(name, kubeconfig):
        return own
    for provider in clusters.ranked():
        if (found := clusters.with_context(provider, name)) is not None:
            return clusters.get(provider, found, kubeconfig)
    raise AssertionError("the provider of existing clusters takes every context")


def to_delete(settings: Settings) -> Cluster | None:
    """Return the cluster that `cluster delete` means, or None when no provider made one of that name.

    A provider that was named is always asked, since it also clears what an interrupted creation left.

    Raises:
        KitError: `provider-unknown`, `cluster-name-invalid`.
    """
    provider, kubeconfig, context = settings.provider, settings.kubeconfig, settings.context
    if provider != AUTO and not clusters.makes(provider):
        return clusters.get(provider, context or settings.cluster or current_context(kubeconfig), kubeconfig)
    if given := context or settings.cluster:
        names.check_cluster(given)
    if provider == AUTO:
        return _made_with_context(context, kubeconfig) if context else _made(settings)
    name = (context and clusters.with_context(provider, context)) or context or _name(provider, settings)
    return clusters.get(provider, name, kubeconfig)


def meant(settings: Settings) -> str:
    """Return the name under which the settings mean a cluster of the kit, for texts; there may be no such cluster."""
    provider = settings.provider
    if provider == AUTO:
        provider = next((p for p in _makers() if clusters.usable(p)), _makers()[-1])
    return settings.context or _name(provider, settings)


def _named(settings: Settings, *, strict: bool = False) -> Cluster | None:
    """Return the cluster that the options name, or the one that the kit made under `--cluster-name`; else None.

    Args:
        settings: The options.
        strict: Refuse a context that is not one of the provider's; else the context wins over the provider.
    """
    provider, kubeconfig = settings.provider, settings.kubeconfig
    if provider == AUTO:
        return of_context(settings.context, kubeconfig) if settings.context else _made(settings)
    if not clusters.makes(provider):
        return clusters.get(provider, settings.context or current_context(kubeconfig), kubeconfig)
    own = clusters.get(provider, _name(provider, settings), kubeconfig)
    if settings.context is None or settings.context == own.context():
        return own
    if (name := clusters.with_context(provider, settings.context)) is not None:
        return clusters.get(provider, name, kubeconfig)
    if not strict:
        return of_context(settings.context, kubeconfig)
    raise KitError(
        "context-not-of-provider",
        f"The context {settings.context} does not belong to a cluster of the provider {provider}",
        cause="--context and --provider name different clusters",
        fix="Leave one of the two out. --cluster-name names the cluster that kitctl creates",
        code=ExitCode.USAGE,
    )


def _makers() -> list[str]:
    """Return the providers that create clusters, the preferred one first."""
    return [provider for provider in clusters.ranked() if clusters.makes(provider)]


def _name(provider: str, settings: Settings) -> str:
    """Return the name of a provider's cluster that the settings mean."""
    return settings.cluster or clusters.default_name(provider)


def _made(settings: Settings) -> Cluster | None:
    """Return the cluster that the kit made under the name in the settings, or else under the provider's default."""
    provider = next((p for p in _makers() if clusters.made(p, _name(p, settings))), None)
    return clusters.get(provider, _name(provider, settings), settings.kubeconfig) if provider else None


def _made_with_context(context: str, kubeconfig: Path | None) -> Cluster | None:
    """Return the cluster that the kit made and that has this kube context."""
    for provider in _makers():
        if (name := clusters.made_with_context(provider, context)) is not None:
            return clusters.get(provider, name, kubeconfig)
    return None
