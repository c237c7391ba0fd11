"""`kitctl up`."""

from __future__ import annotations

from kitctl.commands.console.next_steps import next_commands
from kitctl.commands.console.progress import Progress, asker
from kitctl.commands.console.report import emit
from kitctl.commands.options.inject import make_app, with_options, with_settings
from kitctl.commands.options.release import Typed
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl up --dags ./dags --requirements requirements.txt")
@with_settings
@with_options(Typed)
def up(settings: Settings, typed: Typed) -> None:
    """Make cluster, images and release, prove them by a DAG run, and tell how to log in. May be run again any time."""
    from kitctl.usecases.up import up as bring_up  # noqa: PLC0415 - keeps --help fast

    report = bring_up(settings, typed.read(), Progress(settings), asker(settings))
    emit(report, settings.output, lambda: next_commands(report))
