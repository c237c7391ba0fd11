"""`kitctl logs`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from kitctl.commands.console.report import one
from kitctl.commands.options import complete, log_flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Output, Settings

app = make_app()


@app.command(epilog="Example: kitctl logs --dag example --task extract --run manual__1 --try 2")
@with_settings
def logs(
    settings: Settings,
    component: Annotated[
        str,
        typer.Argument(help="Component, for example scheduler", show_default=False, autocompletion=complete.component),
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
) -> None:
    """Show the log of a component or of a task. Task logs are read through the API, also if the pod is gone."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.release.tasks.logs import lines  # noqa: PLC0415
    from kitctl.usecases import logs as use_case  # noqa: PLC0415

    wanted = use_case.Wanted(component, dag, task, run, try_number, map_index, follow, tail, previous)
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


def _event(output: Output) -> Callable[[Any], list[str]]:
    """Return what makes one line of JSON, or one document of YAML, of one event."""

    def form(event: Any) -> list[str]:
        return [one(event if isinstance(event, dict) else {"event": str(event)}, output)]

    return form
