"""`kitctl doctor`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from kitctl.commands.console.paste import pasteable
from kitctl.commands.console.progress import Progress
from kitctl.commands.console.report import emit, paint
from kitctl.commands.options import doctor_flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.usecases.doctor.findings import Finding, Report

app = make_app()

_COLORS = {"error": "red", "warning": "yellow", "ok": "green"}
_COLUMN = 29


@app.command(epilog="Example: kitctl doctor --context staging -f prod.yaml --for deploy -o json")
@with_settings
def doctor(
    settings: Settings, *, purpose: doctor_flags.For, ignore: doctor_flags.Ignore, fix: doctor_flags.Fix
) -> None:
    """Check all that `up` needs: machine, tools, cluster, servers. Exit code 0 if ready, otherwise 3."""
    from kitctl.usecases.doctor.doctor import Wish, diagnose  # noqa: PLC0415 - keeps --help fast

    progress = Progress(settings)
    with progress.step("Checks"):
        found = diagnose(settings, Wish(purpose, tuple(ignore or ()), fix), progress.note)
    shown = replace(found.report, checks=[replace(c, fix=pasteable(c.fix)) for c in found.report.checks])
    emit(shown, settings.output, lambda: as_text(shown, settings))
    if found.stop:
        raise found.stop
    if not shown.ok:
        raise typer.Exit(int(ExitCode.PREFLIGHT))


def as_text(found: Report, settings: Settings) -> str:
    """Lay out the findings for people: one line each, and below a bad one what to do."""
    shown = [c for c in found.checks if c.status != "not-applicable" or settings.verbose]
    lines = [line for check in shown for line in _lines(check, settings)]
    if hidden := len(found.checks) - len(shown):
        lines.append(f"{hidden} {'check does' if hidden == 1 else 'checks do'} not apply (-v shows why).")
    for fix in found.fixes:
        word = "fixed" if fix.done else "not fixed" if fix.message else "--fix"
        lines.append(f"{word} {fix.id}: {fix.message or fix.act}")
    bad = sum(c.level == "error" and not c.ignored for c in found.checks)
    verdict = f"Not ready for kitctl {found.purpose_words}: {bad} {'error' if bad == 1 else 'errors'}."
    if found.interrupted:
        verdict = "Interrupted: not all checks had an answer."
    elif found.ok:
        verdict = f"Ready for kitctl {found.purpose_words}."
    return "\n".join([*lines, "", verdict])


def _lines(check: Finding, settings: Settings) -> list[str]:
    word = "ignored" if check.ignored and not check.ok else "-" if check.status == "not-applicable" else check.status
    mark = paint(f"{word:<7}", _COLORS.get(word, "dim"), settings)
    first = f"{mark}  {check.id:<18}  {check.message}{f': {check.cause}' if check.cause else ''}"
    fix = check.fix.splitlines()
    return [first, *(" " * (_COLUMN + 2 * bool(i)) + ("→ " if not i else "") + line for i, line in enumerate(fix))]
