"""`kitctl cluster create|delete`."""

from __future__ import annotations

from typing import Any

from kitctl.commands.console.progress import Progress, asker
from kitctl.commands.console.report import emit, pairs, plain
from kitctl.commands.options.inject import make_app, with_options, with_settings
from kitctl.commands.options.new_cluster import TypedCluster
from kitctl.model.settings import Settings

app = make_app("Create and delete clusters", "kitctl cluster create")


@app.command(epilog="Example: kitctl cluster create --provider minikube --cpus 4 --memory 6g")
@with_settings
@with_options(TypedCluster)
def create(settings: Settings, typed: TypedCluster) -> None:
    """Create the cluster, or repair it; a running cluster stays as it is."""
    from kitctl.usecases import cluster  # noqa: PLC0415 - keeps --help fast

    report = cluster.create(settings, typed.read(), Progress(settings))
    emit(report, settings.output, lambda: pairs(plain(report)))


@app.command(epilog="Example: kitctl cluster delete --yes")
@with_settings
def delete(settings: Settings) -> None:
    """Delete a cluster that kitctl created, with everything in it. It is no error if there is none."""
    from kitctl.usecases import cluster  # noqa: PLC0415 - keeps --help fast

    report = cluster.delete(settings, Progress(settings), asker(settings))
    emit(report, settings.output, lambda: _text(plain(report)))


def _text(report: dict[str, Any]) -> str:
    if report.get("dry_run"):
        return "\n".join(f"would {line}" for line in report["would"] or ["change nothing"])
    return pairs(report)
