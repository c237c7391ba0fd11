"""`kitctl objects apply|diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kitctl.commands.console.report import emit
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.usecases.objects import ObjectsReport

app = make_app("Write connections, variables and pools from a file", "kitctl objects apply objects.yaml")

File = Annotated[Path, typer.Argument(help="File with the objects", show_default=False)]


@app.command(epilog="Example: kitctl objects apply objects.yaml")
@with_settings
def apply(settings: Settings, file: File) -> None:
    """Write what differs between a file and the release. Objects that the file does not name stay as they are."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases import objects  # noqa: PLC0415

    report = objects.apply(attach(settings), file)
    emit(report, settings.output, lambda: _text(report))


@app.command(epilog="Example: kitctl objects diff objects.yaml -o json")
@with_settings
def diff(settings: Settings, file: File) -> None:
    """Show what `apply` would change. Exit code 7 if there are differences."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases import objects  # noqa: PLC0415

    report = objects.diff(attach(settings), file)
    emit(report, settings.output, lambda: _text(report))
    if report.changed:
        raise typer.Exit(int(ExitCode.DIFFERENT))


def _text(report: ObjectsReport) -> str:
    lines = []
    for one in report.objects:
        lines.append(f"{one.section}.{one.name}: {one.action}")
        lines += [f"  {change.field}: {change.old!r} → {change.new!r}" for change in one.fields]
        lines += [f"  {name}: masked by Airflow, written each time" for name in one.hidden]
    return "\n".join(lines)
