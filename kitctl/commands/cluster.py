"""`kitctl cluster create|delete`."""

from __future__ import annotations

from kitctl.commands.console.progress import Progress, asker
from kitctl.commands.console.report import emit, pairs
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings

app = make_app("Create and delete clusters", "kitctl cluster create")


@app.command(epilog="Example: kitctl cluster create --provider node")
@with_settings
def create(settings: Settings) -> None:
    """Make the cluster, repair it, or do nothing where it runs."""
    from kitctl.usecases import cluster  # noqa: PLC0415 - keeps --help fast

    where = cluster.pick(settings.provider, settings.cluster, settings.context, settings.kubeconfig)
    if not settings.dry_run:
        steps = Progress(settings)
        with steps.step("Cluster"):
            where.create(steps.note)
    report = {"cluster": where.name, "provider": where.provider, "context": where.context(), "running": where.exists()}
    emit(report, settings.output, lambda: pairs(report))


@app.command(epilog="Example: kitctl cluster delete --yes")
@with_settings
def delete(settings: Settings) -> None:
    """Delete a cluster that the kit made, with everything in it. An absent one is fine."""
    from kitctl.usecases import cluster  # noqa: PLC0415 - keeps --help fast

    name = settings.context or settings.cluster
    cluster.check_deletable(settings.provider, name)
    report: dict[str, object] = {"cluster": name, "deleted": False}
    if not settings.dry_run:
        if not asker(settings)(f"Delete the cluster {name} with all its data?"):
            raise KitError(
                "declined",
                "Nothing was deleted",
                cause="The question was answered with no",
                fix="kitctl down    # removes only the release; with --yes nothing is asked",
                code=ExitCode.PREFLIGHT,
            )
        steps = Progress(settings)
        with steps.step("Cluster"):
            report["deleted"] = cluster.delete(settings.provider, name, steps.note, settings.kubeconfig)
    emit(report, settings.output, lambda: pairs(report))
