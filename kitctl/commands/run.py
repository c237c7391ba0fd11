"""`kitctl run`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kitctl.commands.console.progress import Progress
from kitctl.commands.console.report import emit, plain
from kitctl.commands.options import complete, flags, read
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="""Example: kitctl run example --conf '{"day": "2026-01-31"}'""")
@with_settings
def run(
    settings: Settings,
    dag: Annotated[str, typer.Argument(help="DAG", show_default=False, autocompletion=complete.dag)],
    *,
    conf: flags.Conf,
    unpause: flags.Unpause,
) -> None:
    """Run a DAG once and follow it to its end. The exit code is 0 if the run succeeds, and 1 if it fails."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases import run as use_case  # noqa: PLC0415

    given = read.json_object(conf)
    report = use_case.run(attach(settings), dag, given, Progress(settings).note, unpause=unpause)
    emit(report, settings.output, lambda: _text(plain(report)))


def _text(report: dict[str, Any]) -> str:
    if not report["run"]:
        return ""
    took = f" after {report['seconds']:.0f} s" if report["tasks"] else ""
    return f"run {report['run']}: {report['state']}{took}"
