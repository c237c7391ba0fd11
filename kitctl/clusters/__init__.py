"""Cluster providers: each module or package in this folder that has a `cluster(name)` is one, known by its file name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kitctl.errors import ExitCode, KitError

if TYPE_CHECKING:
    from kitctl.clusters.base import Cluster

_NOT_PROVIDERS = {"base"}


def providers() -> list[str]:
    """Return the names of all providers, read from the files of this folder."""
    found = [
        entry.stem
        for entry in Path(__file__).parent.iterdir()
        if not entry.name.startswith(("_", ".")) and (entry.suffix == ".py" or (entry / "__init__.py").is_file())
    ]
    return sorted(set(found) - _NOT_PROVIDERS)


def get(provider: str, name: str) -> Cluster:
    """Return the cluster `name` of a provider; nothing is started or asked.

    Args:
        provider: One of `providers()`.
        name: Name of the cluster; for "existing" the name of a kube context.

    Raises:
        KitError: `provider-unknown`.
    """
    if provider not in providers():
        raise KitError(
            "provider-unknown",
            f"There is no cluster provider {provider!r}",
            cause=f"The providers are {', '.join(providers())}",
            fix="Choose one of them with --provider, or leave it out",
            code=ExitCode.USAGE,
        )
    return cast("Cluster", import_module(f"kitctl.clusters.{provider}").cluster(name))
