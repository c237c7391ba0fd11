"""`kitctl logs`."""

from __future__ import annotations

from typing import Annotated

import typer

from kitctl.commands.options import flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl logs --dag example --task extract --run manual__1 --try 2")
@with_settings
def logs(
    settings: Settings,
    component: Annotated[str, typer.Argument(help="A component, e.g. scheduler", show_default=False)] = "",
    *,
    dag: flags.LogsDag,
    task: flags.LogsTask,
    run: flags.LogsRun,
    try_number: flags.LogsTry,
    map_index: flags.LogsMapIndex,
    follow: flags.LogsFollow,
    tail: flags.LogsTail,
    previous: flags.LogsPrevious,
) -> None:
    """Show the log of a component, or of a task: the latter through the API, so also when its pod is gone."""
    from kitctl.release.handle import attach  # noqa: PLC0415
    from kitctl.usecases.logs import Wanted, component_argv, task_log  # noqa: PLC0415 - keeps --help fast

    wanted = Wanted(component, dag, task, run, try_number, map_index, follow, tail, previous)
    wanted.check()
    release = attach(settings)
    if component:
        from kitctl.tools.handover import replace  # noqa: PLC0415

        replace(component_argv(release, wanted))
    task_log(release.api(), wanted, typer.echo)
