"""`kitctl up`."""

from __future__ import annotations

from kitctl.commands.console.next_steps import next_commands
from kitctl.commands.console.progress import Progress, asker
from kitctl.commands.console.report import emit, plain
from kitctl.commands.console.streams import watched
from kitctl.commands.options import flags
from kitctl.commands.options.inject import make_app, with_options, with_settings
from kitctl.commands.options.release import Typed
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl up --dags ./dags --requirements requirements.txt")
@with_settings
@with_options(Typed)
def up(settings: Settings, typed: Typed, *, diff: flags.Diff) -> None:
    """Create cluster, images and release, run a test DAG, and print how to log in. Can be repeated at any time."""
    if diff:
        _diff(settings, typed)
        return
    from kitctl.usecases.up import up as bring_up  # noqa: PLC0415 - keeps --help fast

    report = plain(bring_up(settings, typed.read(), Progress(settings), asker(settings)))
    # Logs are kept, and read by more people than may log in: there, `kitctl credentials` is for those who ask.
    hidden = bool(report.get("password")) and not watched()
    shown = {**report, "password": None} if hidden else report
    emit(shown, settings.output, lambda: next_commands(shown, hidden=hidden))


def _diff(settings: Settings, typed: Typed) -> None:
    from kitctl.commands.console.deploy_diff import show  # noqa: PLC0415 - only this needs it
    from kitctl.usecases import up_diff  # noqa: PLC0415 - keeps --help fast

    show(up_diff.diff(settings, typed.read(), Progress(settings), asker(settings)), settings)
