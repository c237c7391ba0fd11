"""The registry of cluster providers: each module or package in this folder is one, known by its file name.

`base.Provider` lists what a provider offers. Which cluster a command means is decided in `choice`, nowhere else.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import NewCluster

if TYPE_CHECKING:
    from kitctl.clusters.base import Cluster, HostNeeds, Provider

_NOT_PROVIDERS = {"base", "choice", "loaded"}


def providers() -> list[str]:
    """Return the names of all providers, read from the files of this folder."""
    found = [
        entry.stem
        for entry in Path(__file__).parent.iterdir()
        if not entry.name.startswith(("_", ".")) and (entry.suffix == ".py" or (entry / "__init__.py").is_file())
    ]
    return sorted(set(found) - _NOT_PROVIDERS)


def ranked() -> list[str]:
    """Return the names of all providers, the one that "auto" prefers first."""
    return sorted(providers(), key=lambda name: _provider(name).PREFERENCE)


def usable(provider: str) -> bool:
    """Whether "auto" may take this provider on this machine; cheap, starts nothing."""
    return _provider(provider).usable()


def default_name(provider: str) -> str:
    """Return the name of a provider's cluster where `--cluster-name` is not given."""
    return _provider(provider).DEFAULT_NAME


def takes(provider: str, wanted: NewCluster) -> None:
    """Refuse options of a new cluster that a provider would not heed.

    Raises:
        KitError: `cluster-option-unused` (code USAGE).
    """
    unused = sorted(set(wanted.given()) - _provider(provider).TAKES)
    if unused:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in unused)
        heeding = [other for other in providers() if set(unused) <= _provider(other).TAKES]
        raise KitError(
            "cluster-option-unused",
            f"The provider {provider} does not use {flags}",
            cause=f"They are for {' and '.join(heeding)}, and may come from a variable such as KUBERNETES_VERSION",
            fix=f"Leave them out, or name the provider: --provider {heeding[0]}",
            code=ExitCode.USAGE,
        )


def makes(provider: str) -> bool:
    """Whether this provider creates clusters."""
    return _provider(provider).MAKES_CLUSTERS


def made(provider: str, name: str) -> bool:
    """Whether this provider made a cluster of this name, running or not; cheap."""
    return _provider(provider).made(name)


def made_with_context(provider: str, context: str) -> str | None:
    """Return the name of the cluster that this provider made with a kube context, or None; cheap."""
    return _provider(provider).made_with_context(context)


def with_context(provider: str, context: str) -> str | None:
    """Return the name of a provider's cluster with a kube context, whoever made it, or None; cheap."""
    return _provider(provider).with_context(context)


def check(provider: str, name: str) -> bool:
    """Ask whether this machine can carry a cluster of the provider; changes nothing.

    Returns:
        False where the provider makes no clusters, and so has no requirements.

    Raises:
        KitError: with code PREFLIGHT, what is missing.
    """
    chosen = _provider(provider)
    chosen.check(name)
    return chosen.MAKES_CLUSTERS


def needs(provider: str) -> HostNeeds:
    """Return what clusters of a provider need of this machine."""
    return _provider(provider).needs()


def get(provider: str, name: str, kubeconfig: Path | None = None) -> Cluster:
    """Return the cluster `name` of a provider; nothing is started or asked.

    Args:
        provider: One of `providers()`.
        name: Name of the cluster; for a provider that makes none the name of a kube context.
        kubeconfig: File that gets or has its context; None means kubectl's own rules.

    Raises:
        KitError: `provider-unknown`.
    """
    return _provider(provider).cluster(name, kubeconfig)


def _provider(name: str) -> Provider:
    known = providers()
    if name in known:
        return cast("Provider", import_module(f"kitctl.clusters.{name}"))
    hints = [_provider(other).HINTS for other in known]
    raise KitError(
        "provider-unknown",
        f"There is no cluster provider {name!r}",
        cause=f"The providers are {', '.join(known)}",
        fix=next((hint[name] for hint in hints if name in hint), "Use one of them, or leave --provider out"),
        code=ExitCode.USAGE,
    )
