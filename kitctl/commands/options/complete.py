"""Names that a shell completes: asked from the cluster while somebody types, so nothing here fails or takes long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kitctl.errors import KitError
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.release.handle import Release

_SECONDS = 3.0
_GIVEN = ("namespace", "release", "context", "kubeconfig", "provider", "cluster")


def _offer(look: Callable[[], Iterable[str]], incomplete: str, seconds: float = _SECONDS) -> list[str]:
    """Return the names that begin as typed; none if they cannot be found in time."""
    found: set[str] = set()

    def take() -> None:
        try:
            found.update(look())
        except (KitError, OSError, ValueError):
            return

    # A daemon, so that a cluster that does not answer does not keep the shell.
    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    thread.join(seconds)
    return sorted(name for name in set(found) if name.startswith(incomplete))


def _settings(ctx: typer.Context) -> Settings:
    """Return the settings that the words so far give."""
    return Settings(**{name: value for name in _GIVEN if (value := ctx.params.get(name))})


def _release(ctx: typer.Context) -> Release:
    from kitctl.release.handle import attach  # noqa: PLC0415 - only where a name is completed

    return attach(_settings(ctx))


def component(ctx: typer.Context, incomplete: str) -> list[str]:
    """Components of the release."""
    return _offer(lambda: (workload.component for workload in _release(ctx).workloads), incomplete)


def page(incomplete: str) -> list[str]:
    """Pages that `kitctl open` knows."""
    from kitctl.usecases.open import PAGES  # noqa: PLC0415

    return _offer(lambda: PAGES, incomplete)


def dag(ctx: typer.Context, incomplete: str) -> list[str]:
    """DAGs of the release."""
    return _offer(lambda: (found["dag_id"] for found in _release(ctx).api(1.0).dags()), incomplete)


def dag_of_folder(ctx: typer.Context, incomplete: str) -> list[str]:
    """DAGs of the folder `dags`, or the one that was named."""
    from kitctl.usecases.dags.check import by_text, read  # noqa: PLC0415
    from kitctl.usecases.dags.sources import sources  # noqa: PLC0415

    folder = Path(ctx.params.get("path") or "dags")
    return _offer(lambda: (found.dag_id for found in by_text(sources(folder, read(folder))[0])[0]), incomplete)


def release(ctx: typer.Context, incomplete: str) -> list[str]:
    """Releases of the namespace that Helm knows."""
    from kitctl.clusters import choice  # noqa: PLC0415
    from kitctl.tools.helm.records import names  # noqa: PLC0415
    from kitctl.tools.kube.client import Kube  # noqa: PLC0415

    settings = _settings(ctx)
    return _offer(
        lambda: names(Kube.connect(choice.context(settings), settings.kubeconfig), settings.namespace), incomplete
    )


def namespace(ctx: typer.Context, incomplete: str) -> list[str]:
    """Namespaces of the cluster."""
    from kitctl.clusters import choice  # noqa: PLC0415
    from kitctl.tools.kube.client import Kube  # noqa: PLC0415

    settings = _settings(ctx)

    def look() -> Iterable[str]:
        kube = Kube.connect(choice.context(settings), settings.kubeconfig)
        return (str(item["metadata"]["name"]) for item in kube.list("Namespace"))

    return _offer(look, incomplete)


def context(ctx: typer.Context, incomplete: str) -> list[str]:
    """Contexts of the kubeconfig."""
    from kitctl.tools.kube import contexts  # noqa: PLC0415

    return _offer(lambda: contexts.names(_settings(ctx).kubeconfig), incomplete)
