"""Cluster providers: each module or package in this folder is one, known by its file name.

A provider has `PREFERENCE` (the lowest usable one wins under "auto"), `usable()`, `made(name)` and
`cluster(name, kubeconfig)`; the last returns what `base.Cluster` describes. One that makes demands on this machine also
has `check(name)`. Nothing else knows providers by name.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from kitctl.errors import ExitCode, KitError

if TYPE_CHECKING:
    from kitctl.clusters.base import Cluster

_NOT_PROVIDERS = {"base", "where"}
_OWN_COMMAND = ("minikube", "kind")
"""Clusters that people make by a command of their own; kitctl takes the context that it leaves."""


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
    return sorted(providers(), key=lambda name: int(_module(name).PREFERENCE))


def usable(provider: str) -> bool:
    """Whether "auto" may take this provider on this machine; cheap, starts nothing."""
    return bool(_module(provider).usable())


def made(provider: str, name: str) -> bool:
    """Whether this provider made a cluster of this name, running or not; cheap."""
    return bool(_module(provider).made(name))


def check(provider: str, name: str) -> bool:
    """Ask whether this machine can carry a cluster of the provider; changes nothing.

    Returns:
        False where the provider makes no demands of its own.

    Raises:
        KitError: with code PREFLIGHT, what is missing.
    """
    demands = getattr(_module(provider), "check", None)
    if demands is None:
        return False
    demands(name)
    return True


def get(provider: str, name: str, kubeconfig: Path | None = None) -> Cluster:
    """Return the cluster `name` of a provider; nothing is started or asked.

    Args:
        provider: One of `providers()`.
        name: Name of the cluster; for "existing" the name of a kube context.
        kubeconfig: File that gets or has its context; None means kubectl's own rules.

    Raises:
        KitError: `provider-unknown`.
    """
    return cast("Cluster", _module(provider).cluster(name, kubeconfig))


def _module(provider: str) -> ModuleType:
    if provider not in providers():
        raise KitError(
            "provider-unknown",
            f"There is no cluster provider {provider!r}",
            cause=f"The providers are {', '.join(providers())}",
            fix="minikube start    # or: kind create cluster\nkitctl up --context minikube    # or: --context kind-kind"
            if provider in _OWN_COMMAND
            else "Use one of them, or leave --provider out",
            code=ExitCode.USAGE,
        )
    return import_module(f"kitctl.clusters.{provider}")
