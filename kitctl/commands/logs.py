"""`kitctl logs`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kitctl.commands.console.progress import Progress
from kitctl.commands.console.report import emit, one, table
from kitctl.commands.options import complete, log_flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Output, Settings

if TYPE_CHECKING:
    from kitctl.usecases.bundle.bundle import BundleReport

app = make_app()


@app.command(epilog="Example: kitctl logs --dag example --task extract --run manual__1 --try 2")
@with_settings
def logs(
    settings: Settings,
    component: Annotated[
        str,
        typer.Argument(
            metavar="COMPONENT|FILE",
            help="Component, for example scheduler; with --bundle the file to write",
            show_default=False,
            autocompletion=complete.component,
        ),
    ] = "",
    *,
    dag: log_flags.LogsDag,
    task: log_flags.LogsTask,
    run: log_flags.LogsRun,
    try_number: log_flags.LogsTry,
    map_index: log_flags.LogsMapIndex,
    follow: log_flags.LogsFollow,
    tail: log_flags.LogsTail,
    previous: log_flags.LogsPrevious,
    bundle: log_flags.LogsBundle,
) -> None:
    """Show the log of a component or of a task. Task logs are read through the API, also if the pod is gone."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.release.tasks.logs import lines  # noqa: PLC0415
    from kitctl.usecases import logs as use_case  # noqa: PLC0415

    wanted = use_case.Wanted(component, dag, task, run, try_number, map_index, follow, tail, previous)
    if bundle:
        wanted.check_bundle()
        _bundle(settings, component)
        return
    wanted.check()
    release = attach(settings)
    if not component:
        form = lines if settings.output is Output.TEXT else _event(settings.output)
        use_case.task_log(release, wanted, typer.echo, lambda text: typer.echo(text, err=True), form)
        return
    from kitctl.tools import handover  # noqa: PLC0415

    if settings.output is Output.TEXT:
        handover.replace(use_case.component_argv(release, wanted))
    form = _event(settings.output)
    argv = use_case.component_argv(release, wanted, prefix=True)
    raise typer.Exit(handover.relay(argv, lambda line: typer.echo(form(use_case.split_prefix(line))[0])))


def _bundle(settings: Settings, name: str) -> None:
    """Write a support archive, and say what is in it."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.release.rollout import Would  # noqa: PLC0415
    from kitctl.usecases.bundle import bundle as use_case  # noqa: PLC0415
    from kitctl.usecases.bundle import target  # noqa: PLC0415

    file = Path(name or target.default_name(settings.release))
    target.check_target(file)
    if settings.dry_run:
        would = Would(would=(f"write {file} with:", *use_case.CONTENTS))
        emit(would, settings.output, lambda: "\n".join(would.would))
        return
    report = use_case.write_bundle(attach(settings), file, Progress(settings))
    emit(report, settings.output, lambda: _bundle_text(report))


def _bundle_text(report: BundleReport) -> str:
    rows = [(part.name, part.files, f"{part.bytes / 1024:.0f} KiB") for part in report.contents]
    lines = [
        f"{report.file} ({report.bytes / 1024:.0f} KiB)",
        "",
        table(("contents", "files", "size"), rows),
        "",
        f"The values of {report.secrets} Secrets are hidden in it, in {report.hidden} places. "
        "Look through it before you hand it on.",
    ]
    lines += [f"! Not hidden, as it is a name of the release: Secret {one}" for one in report.not_hidden]
    lines += [f"! Not in it: {one}" for one in report.missing]
    return "\n".join(lines)


def _event(output: Output) -> Callable[[Any], list[str]]:
    """Return what makes one line of JSON, or one document of YAML, of one event."""

    def form(event: Any) -> list[str]:
        return [one(event if isinstance(event, dict) else {"event": str(event)}, output)]

    return form
