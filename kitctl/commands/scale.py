"""`kitctl scale`."""

from __future__ import annotations

from typing import Any

from kitctl.commands.console.progress import Progress, asker
from kitctl.commands.console.report import emit, plain
from kitctl.commands.options import scale_flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl scale --workers 3 --group big")
@with_settings
def scale(
    settings: Settings,
    *,
    workers: scale_flags.Workers,
    group: scale_flags.WorkerGroup,
    api_server: scale_flags.ApiServers,
    scheduler: scale_flags.Schedulers,
    dag_processor: scale_flags.DagProcessors,
    triggerer: scale_flags.Triggerers,
) -> None:
    """Change the number of pods of a component. Later commands keep the number. Running tasks finish first."""
    from kitctl.release.scaling.numbers import CELERY, Place  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.scale import scale as change  # noqa: PLC0415

    given = {
        Place(CELERY, group): workers,
        Place("api-server"): api_server,
        Place("scheduler"): scheduler,
        Place("dag-processor"): dag_processor,
        Place("triggerer"): triggerer,
    }
    numbers = {place: number for place, number in given.items() if number is not None}
    if not numbers or (group and workers is None):
        raise KitError(
            "scale-nothing",
            f"--group {group} needs --workers" if group else "No number of pods was given",
            cause="kitctl scale changes only the components whose number you name",
            fix=f"kitctl scale --workers 3{f' --group {group}' if group else ''}",
            code=ExitCode.USAGE,
        )
    report = change(settings, numbers, Progress(settings), asker(settings))
    emit(report, settings.output, lambda: _text(plain(report)))


def _text(report: dict[str, Any]) -> str:
    if report.get("dry_run"):
        return "\n".join(f"would {line}" for line in report["would"] or ["change nothing"])
    return "\n".join(
        f"{'/'.join(filter(None, (one['component'], one['group'])))}: {one['replicas']} pods"
        + (f" (before: {one['before']})" if one["before"] != one["replicas"] else "")
        for one in report["scaled"]
    )
