"""`kitctl dags check|push`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kitctl.commands.console.report import emit, given, paint, teller
from kitctl.commands.options import flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.usecases.dags.check import CheckReport

app = make_app("Check DAGs and copy them to the release", "kitctl dags check ./dags")

Folder = Annotated[Path, typer.Argument(help="DAG folder, or one file in it", envvar="KITCTL_DAGS")]


@app.command(epilog="Example: kitctl dags check ./dags --image example.com/dags:1 -o json")
@with_settings
def check(
    settings: Settings,
    path: Folder = Path("dags"),
    *,
    image: flags.Image,
    requirements: flags.Requirements,
    import_files: flags.ImportFiles,
    executors: flags.Executors,
    jobs: flags.Jobs,
    strict: flags.Strict,
) -> None:
    """Find errors before a run: imports, duplicate IDs, cycles, code for Airflow 2. Exit code 1 if there are any."""
    from kitctl.usecases.dags import against  # noqa: PLC0415
    from kitctl.usecases.dags import check as dags_check  # noqa: PLC0415 - keeps --help fast

    options = against.against(
        settings,
        teller(settings),
        reference=image or "",
        requirements=requirements,
        import_files=import_files,
        executors=executors,
        jobs=jobs,
    )
    report = dags_check.check(path, options, teller(settings))
    emit(given(report), settings.output, lambda: _text(report, settings))
    if not report.ok or (strict and report.findings):
        raise typer.Exit(int(ExitCode.FAILURE))


PushFolder = Annotated[
    Path, typer.Argument(help="DAG folder; in the modes git and bundle, a folder of the checkout", envvar="KITCTL_DAGS")
]


@app.command(epilog="Example: kitctl dags push ./dags")
@with_settings
def push(
    settings: Settings,
    path: PushFolder = Path("dags"),
    *,
    requirements: flags.Requirements,
    prune: flags.Prune,
    template_dir: flags.TemplateDir,
    builder: flags.Builder,
    ca_bundle: flags.CaBundle,
) -> None:
    """Copy DAGs to the release in the way of its DAG mode, and wait until Airflow has read them.

    In mode image, without --requirements, the requirements of the running image stay installed.
    """
    from kitctl.commands.console.progress import Progress, asker  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.dags import push as dags_push  # noqa: PLC0415

    options = dags_push.PushOptions(path, requirements, prune, template_dir, builder, ca_bundle)
    done = dags_push.push(settings, options, Progress(settings), asker(settings))
    report = given(done)
    emit(report, settings.output, lambda: _pushed(report))
    if not report.get("ok", True):
        raise typer.Exit(int(ExitCode.FAILURE))


def _pushed(report: dict[str, Any]) -> str:
    if report.get("dry_run"):
        return f"would {report['would']}"
    lines = [f"{error['file']}: {error['message']}" for error in report["import_errors"]]
    return "\n".join([*lines, f"{len(report['dags'])} DAGs read, {len(lines)} files do not import"])


def _text(report: CheckReport, settings: Settings) -> str:
    lines = []
    for found in report.findings:
        colour = "red" if found.severity == "error" else "yellow"
        place = f"{found.file}:{found.line}" if found.line else found.file
        lines.append(f"{place}: {paint(found.severity, colour, settings)}: {found.message} [{found.rule}]")
        if found.fix:
            lines.append("    " + found.fix.replace("\n", "\n    "))
    errors = sum(f.severity == "error" for f in report.findings)
    warnings = len(report.findings) - errors
    counted = f"{len(report.files)} files, {len(report.dags)} DAGs: {errors} errors, {warnings} warnings"
    return "\n".join([*lines, counted])
