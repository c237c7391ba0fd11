"""`kitctl values migrate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kitctl.commands.console.report import emit, paint
from kitctl.commands.options import flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode
from kitctl.model.settings import Output, Settings

if TYPE_CHECKING:
    from kitctl.usecases.migrate_values import MigrateReport

app = make_app("Carry values files of other charts over to this one", "kitctl values migrate old-values.yaml")

Files = Annotated[
    list[Path], typer.Argument(help="Values files of one chart, in the order of helm's -f", show_default=False)
]
_COLORS = {"carried": "green", "changed": "green", "unset": "dim", "dropped": "yellow", "decide": "red"}
_WORDS = {"dropped": "not carried", "decide": "decide"}


@app.callback()
def _values() -> None:
    """Carry values files of other charts over to this one."""


@app.command(epilog="Example: kitctl values migrate old-values.yaml --out values.yaml")
@with_settings
def migrate(
    settings: Settings,
    files: Files,
    *,
    from_chart: flags.FromChart,
    out: flags.Out,
    check: flags.CheckValues,
) -> None:
    """Write a values file of this chart for those of another one, and report what became of each line.

    The file goes to stdout, the report to stderr. Exit code 1 if a line needs you, or the chart refuses the new file.
    """
    from kitctl.model.migrate.origin import CHARTS  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases import migrate_values  # noqa: PLC0415

    if from_chart not in ("auto", *CHARTS):
        raise typer.BadParameter(f"--from takes auto, {', '.join(CHARTS)}")
    report = migrate_values.run(settings, files, from_chart, out, check=check)
    if settings.output is Output.TEXT:
        if not settings.quiet:
            sys.stderr.write(_text(report, settings, out))
        if out is None:
            sys.stdout.write(report.values)
    else:
        emit(report, settings.output, str)
    if not report.ok:
        raise typer.Exit(int(ExitCode.FAILURE))


def _text(report: MigrateReport, settings: Settings, out: Path | None) -> str:
    told = [line for line in report.lines if line.verdict != "unset"]
    parts = [f"The values were written for {report.chart} ({report.sure}: {report.reason})"]
    for line in told:
        verdict = paint(_WORDS.get(line.verdict, line.verdict), _COLORS[line.verdict], settings, sys.stderr)
        parts.append(f"{line.place}: {verdict}: {line.key}{_to(line.key, line.to)}")
        parts += [f"    {line.why}"] if line.why else []
    parts += [f"Create before the install: Secret {s.name}, key {s.key}: {s.source}" for s in report.secrets]
    for refusal in report.refusals:
        parts.append(f"The chart refuses the new file: {refusal.message} [{refusal.id}]")
        parts += [f"  {line}" for line in (*refusal.cause.splitlines(), *(f"from {place}" for place in refusal.lines))]
        parts += [f"  Fix: {line}" for line in refusal.fix.splitlines()[:1]]
        parts += [f"       {line}" for line in refusal.fix.splitlines()[1:]]
    parts.append(_counted(report, out, settings))
    return "\n".join(parts) + "\n"


def _to(key: str, to: list[str]) -> str:
    return f" → {', '.join(to)}" if to and to != [key] else ""


def _counted(report: MigrateReport, out: Path | None, settings: Settings) -> str:
    counts = {verdict: sum(line.verdict == verdict for line in report.lines) for verdict in _COLORS}
    words = f"{counts['carried']} carried, {counts['changed']} changed, {counts['dropped']} not carried, "
    words += f"{counts['decide']} to decide, {counts['unset']} empty or switched off"
    verdict = {"passed": "; the chart takes the new file", "refused": "; the chart refuses the new file"}
    would = f"; would write {out}" if out and settings.dry_run else ""
    return words + verdict.get(report.check, "") + would
