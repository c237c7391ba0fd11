"""`kitctl dags check|push`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kitctl.commands.console.report import emit, paint, teller
from kitctl.commands.options import make_app, with_settings
from kitctl.commands.up_options import Builder, CaBundle, TemplateDir
from kitctl.errors import ExitCode
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.usecases.dags.check import Report

app = make_app("Check DAGs and bring them to the release", "kitctl dags check ./dags")

Folder = Annotated[Path, typer.Argument(help="DAG folder, or one file of it", envvar="KITCTL_DAGS")]


def _opt(*names: str, text: str, env: str) -> Any:
    return typer.Option(*names, help=text, envvar=f"KITCTL_{env}")


Image = Annotated[
    str, _opt("--image", text="Image that will run them; else of the values, the release or the kit", env="IMAGE")
]
Requirements = Annotated[
    Path | None, _opt("--requirements", text="Requirements to add to that image first", env="REQUIREMENTS")
]
Import = Annotated[
    bool, _opt("--import/--no-image", text="Import each file in the image, or read texts only", env="IMPORT")
]
Executors = Annotated[str, _opt("--executors", text="The release's executors, comma-separated", env="EXECUTORS")]
Jobs = Annotated[int, _opt("--jobs", text="Files imported at a time; 0 means one per core", env="JOBS")]
Strict = Annotated[bool, _opt("--strict", text="Let warnings fail the check, too", env="STRICT")]


@app.command(epilog="Example: kitctl dags check ./dags --image example.com/dags:1 -o json")
@with_settings
def check(
    settings: Settings,
    path: Folder = Path("dags"),
    *,
    image: Image = "",
    requirements: Requirements = None,
    import_files: Import = True,
    executors: Executors = "",
    jobs: Jobs = 0,
    strict: Strict = False,
) -> None:
    """Find what would break: imports, doubled ids, cycles, leftovers of Airflow 2. Ends with 1 on errors."""
    from kitctl.release import inputs  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.dags import against  # noqa: PLC0415
    from kitctl.usecases.dags import check as dags_check  # noqa: PLC0415 - keeps --help fast

    options = against.against(
        settings,
        inputs.read(settings),
        teller(settings),
        reference=image,
        requirements=requirements,
        import_files=import_files,
        executors=executors,
        jobs=jobs,
    )
    report = dags_check.check(path, options, teller(settings))
    emit(report.as_dict(), settings.output, lambda: _text(report, settings))
    if not report.ok or (strict and report.findings):
        raise typer.Exit(int(ExitCode.FAILURE))


PushFolder = Annotated[
    Path, typer.Argument(help="DAG folder; in the git modes a folder of the checkout", envvar="KITCTL_DAGS")
]
NewRequirements = Annotated[
    Path | None,
    _opt("--requirements", text="Mode image: new requirements; else those of the running image", env="REQUIREMENTS"),
]
Prune = Annotated[bool, _opt("--prune", text="Mode pvc: remove files that no push brought, too", env="PRUNE")]


@app.command(epilog="Example: kitctl dags push ./dags")
@with_settings
def push(
    settings: Settings,
    path: PushFolder = Path("dags"),
    *,
    requirements: NewRequirements = None,
    prune: Prune = False,
    template_dir: TemplateDir = None,
    builder: Builder = None,
    ca_bundle: CaBundle = None,
) -> None:
    """Bring DAGs to the release by the way of its mode, and wait until Airflow has read them."""
    from kitctl.commands.console.progress import Progress, asker  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.dags import push as dags_push  # noqa: PLC0415

    options = dags_push.PushOptions(path, requirements, prune, template_dir, builder, ca_bundle)
    report = dags_push.push(settings, options, Progress(settings), asker(settings))
    emit(report, settings.output, lambda: _pushed(report))
    if not report.get("ok", True):
        raise typer.Exit(int(ExitCode.FAILURE))


def _pushed(report: dict[str, Any]) -> str:
    if report.get("dry_run"):
        return f"would {report['would']}"
    lines = [f"{error['file']}: {error['message']}" for error in report["import_errors"]]
    return "\n".join([*lines, f"{len(report['dags'])} DAGs read, {len(lines)} files do not import"])


def _text(report: Report, settings: Settings) -> str:
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
