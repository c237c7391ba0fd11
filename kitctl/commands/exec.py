"""`kitctl exec`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kitctl.commands.options import complete
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Settings

app = make_app()


@app.command(name="exec", epilog="Example: kitctl exec scheduler -- airflow dags list")
@with_settings
def exec_(
    settings: Settings,
    component: Annotated[
        str,
        typer.Argument(
            help="For example scheduler, api-server, postgres", show_default=False, autocompletion=complete.component
        ),
    ],
    command: Annotated[
        list[str] | None, typer.Argument(help="Command after --; without one, bash", show_default=False)
    ] = None,
) -> None:
    """Run a command, or a shell, inside a component. Returns the exit code of the command."""
    from kitctl.release.components import exec_argv  # noqa: PLC0415
    from kitctl.release.handle import attach  # noqa: PLC0415
    from kitctl.tools.handover import replace  # noqa: PLC0415 - keeps --help fast

    tty = sys.stdin.isatty() and sys.stdout.isatty()
    # Without a terminal stdin still goes in: `kitctl exec postgres -- psql < dump.sql`.
    argv = exec_argv(attach(settings), component, command or (), stdin=True, tty=tty)
    if settings.dry_run:
        import shlex  # noqa: PLC0415

        typer.echo(shlex.join(argv))
        return
    replace(argv)
