"""`kitctl pytest`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kitctl.commands.console.report import emit, given, teller
from kitctl.commands.options import flags, sandbox_flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode
from kitctl.model.settings import Output, Settings

app = make_app()


@app.command(name="pytest", epilog="Example: kitctl pytest -- -k billing --maxfail 1")
@with_settings
def pytest(
    settings: Settings,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="Arguments of pytest, after --; without any, all tests", show_default=False),
    ] = None,
    *,
    dags: flags.Dags,
    tests: sandbox_flags.Tests,
    image: flags.Image,
    requirements: flags.Requirements,
    test_requirements: sandbox_flags.TestRequirements,
    executors: flags.Executors,
    env_file: sandbox_flags.EnvFile,
) -> None:
    """Run the tests of your project in the image that runs its DAGs. Exit code 1 if a test fails.

    The tests see an empty Airflow database, and dags and tests at the same relative paths as here.
    """
    from kitctl.tools import env_file as files  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases import project_tests  # noqa: PLC0415
    from kitctl.usecases.dags import against  # noqa: PLC0415

    tell = teller(settings)
    variables = files.read(env_file) if env_file else {}
    # Paths that were typed start at the current folder; without them, the folders of the project are meant.
    root = settings.folder or Path.cwd()

    def meant(folder: Path) -> Path:
        return (folder if folder.is_dir() else root / folder).absolute()

    project = project_tests.Project(
        root, meant(dags or Path("dags")), meant(tests), test_requirements, variables, settings.timeout
    )
    if settings.dry_run:
        plan = project_tests.would(project, arguments or [])
        emit(plan, settings.output, lambda: f"would {plan.would}")
        return
    options = against.against(settings, tell, reference=image or "", requirements=requirements, executors=executors)
    # What pytest prints is the result that people came for; a report in JSON takes its place.
    out = sys.stdout if settings.output is Output.TEXT else sys.stderr
    report = project_tests.run(project, arguments or [], options, lambda line: print(line, file=out, flush=True), tell)
    if settings.output is not Output.TEXT:
        emit(given(report), settings.output, lambda: "")
    if not report.ok:
        raise typer.Exit(int(ExitCode.FAILURE))
