"""`kitctl config show`."""

from __future__ import annotations

import typer

from kitctl.commands.console.report import emit, table
from kitctl.commands.options.every import Every
from kitctl.commands.options.inject import make_app, with_options, with_settings
from kitctl.commands.options.sources import ConfigReport, report
from kitctl.model.settings import Settings

app = make_app("Show options and where their values come from", "kitctl config show")


@app.callback()
def config() -> None:
    """Make a group of a single command."""


@app.command(epilog="Example: kitctl config show -e prod -o json")
@with_settings
@with_options(Every)
def show(settings: Settings, typed: object, *, ctx: typer.Context) -> None:
    """Show the options that kitctl.yaml may set: value, and whether a flag, a variable or the file gave it."""
    del typed  # the report is about where the options come from
    found = report(ctx)
    emit(found, settings.output, lambda: _text(found))


def _text(found: ConfigReport) -> str:
    """Lay the options out as a table; below it, those that nobody set."""
    head = f"project file: {found.project or 'none'}"
    if found.project:
        others = ", ".join(found.environments) or "none"
        head += f"\nenvironment:  {found.environment or 'none'} (the file has: {others})"
    rows = [(one.option, _shown(one.value), one.origin) for one in found.options]
    return "\n".join([head, "", table(("option", "value", "from"), rows)])


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "  ".join(map(str, value)) or "-"
    if isinstance(value, bool):
        return str(value).lower()
    return "-" if value in {None, ""} else str(value)
