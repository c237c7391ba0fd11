"""`kitctl doctor`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from kitctl.commands.console.paste import pasteable
from kitctl.commands.console.report import emit, paint
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.usecases.doctor.findings import Report

app = make_app()

_COLORS = {"error": "red", "warning": "yellow", "info": "dim"}


@app.command(epilog="Example: kitctl doctor --provider existing --context staging -o json")
@with_settings
def doctor(settings: Settings) -> None:
    """Check the requirements of `up`; change nothing. Exit code 0 if ready, otherwise 3."""
    from kitctl.usecases.doctor.checks import examine, gather, report  # noqa: PLC0415 - keeps --help fast

    facts = gather(settings)
    found = report(facts, [replace(check, fix=pasteable(check.fix)) for check in examine(facts)])
    emit(found, settings.output, lambda: as_text(found, settings))
    if not found.ok:
        raise typer.Exit(int(ExitCode.PREFLIGHT))


def as_text(found: Report, settings: Settings) -> str:
    """Lay out the findings for people: one line each, and below a bad one what to do."""
    lines = []
    for check in found.checks:
        mark = paint("ok     ", "green", settings)
        if not check.ok:
            mark = paint(f"{check.level:<7}", _COLORS[check.level], settings)
        lines.append(f"{mark}  {check.id:<18}  {check.message}")
        if check.fix:
            lines += [
                " " * 29 + f"→ {line}" if i == 0 else " " * 31 + line for i, line in enumerate(check.fix.splitlines())
            ]
    bad = sum(not c.ok and c.level == "error" for c in found.checks)
    lines += [
        "",
        "Ready for kitctl up." if found.ok else f"Not ready for kitctl up: {bad} {'error' if bad == 1 else 'errors'}.",
    ]
    return "\n".join(lines)
