"""`kitctl logs`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kitctl.commands.options import make_app, with_settings
from kitctl.model.settings import Settings

app = make_app()


def _opt(*names: str, text: str, env: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, envvar=f"KITCTL_LOGS_{env}", show_default=False, **more)


@app.command(epilog="Example: kitctl logs --dag example --task extract --run manual__1 --try 2")
@with_settings
def logs(
    settings: Settings,
    component: Annotated[str, typer.Argument(help="A component, e.g. scheduler", show_default=False)] = "",
    dag: Annotated[str, _opt("--dag", text="DAG of the task", env="DAG")] = "",
    task: Annotated[str, _opt("--task", text="Task", env="TASK")] = "",
    run: Annotated[str | None, _opt("--run", text="Run id; the newest run without it", env="RUN")] = None,
    try_number: Annotated[int | None, _opt("--try", text="Try; the last without it", env="TRY", min=1)] = None,
    map_index: Annotated[
        int | None, _opt("--map-index", text="Which instance of a mapped task", env="MAP_INDEX", min=-1)
    ] = None,
    follow: Annotated[bool, _opt("-f", "--follow", text="Go on as new lines come", env="FOLLOW")] = False,
    tail: Annotated[int | None, _opt("--tail", text="Only so many lines from the end", env="TAIL", min=0)] = None,
    previous: Annotated[
        bool, _opt("-p", "--previous", text="The container before its last restart", env="PREVIOUS")
    ] = False,
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
