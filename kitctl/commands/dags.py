"""`kitctl dags check|test|push`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kitctl.commands.console.report import emit, given, paint, teller
from kitctl.commands.options import complete, flags, read, sandbox_flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.usecases.dags.check import CheckReport
    from kitctl.usecases.dags.test import DagTestReport

app = make_app("Check DAGs, test them and copy them to the release", "kitctl dags check ./dags")

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


@app.command(name="test", epilog="Example: kitctl dags test etl ./dags --env-file dev.env")
@with_settings
def test_dag(
    settings: Settings,
    dag: Annotated[str, typer.Argument(help="DAG", show_default=False, autocompletion=complete.dag_of_folder)],
    path: Annotated[Path, typer.Argument(help="DAG folder", envvar="KITCTL_DAGS")] = Path("dags"),
    *,
    conf: flags.Conf,
    date: sandbox_flags.Date,
    image: flags.Image,
    requirements: flags.Requirements,
    executors: flags.Executors,
    env_file: sandbox_flags.EnvFile,
) -> None:
    """Run a DAG once in the image that runs the DAGs, without a cluster. Exit code 1 if the run fails.

    All tasks run on this machine, one after the other, with an empty Airflow database: name connections and variables
    in a file for --env-file, as AIRFLOW_CONN_… and AIRFLOW_VAR_….
    """
    from kitctl.tools import env_file as files  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.dags import against  # noqa: PLC0415
    from kitctl.usecases.dags import test as dags_test  # noqa: PLC0415
    from kitctl.usecases.dags.test_log import for_people  # noqa: PLC0415

    tell = teller(settings)
    asked = dags_test.Asked(
        dag, path, read.json_object(conf), date, files.read(env_file) if env_file else {}, settings.timeout
    )
    if settings.dry_run:
        plan = dags_test.would(asked)
        emit(plan, settings.output, lambda: f"would {plan.would}")
        return
    options = against.against(settings, tell, reference=image or "", requirements=requirements, executors=executors)
    write = tell if settings.verbose else for_people(tell)
    report = dags_test.test(asked, options, write, tell)
    emit(given(report), settings.output, lambda: _tested(report, settings))
    if not report.ok:
        raise typer.Exit(int(ExitCode.FAILURE))


def _tested(report: DagTestReport, settings: Settings) -> str:
    lines = []
    for task in report.tasks:
        name = task.task if task.map_index < 0 else f"{task.task}[{task.map_index}]"
        colour = "green" if task.state == "success" else "red" if task.state == "failed" else "yellow"
        lines.append(f"{name}: {paint(task.state or 'not run', colour, settings)}")
    return "\n".join([*lines, f"{report.dag}: {report.state}"])


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
    watch: flags.Watch,
) -> None:
    """Copy DAGs to the release in the way of its DAG mode, and wait until Airflow has read them.

    In mode image, without --requirements, the requirements of the running image stay installed. With --watch, in the
    modes image and pvc, each save of a file is copied as well, and errors in it are shown, until you press Ctrl-C.
    """
    from kitctl.commands.console.progress import Progress, asker  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.dags import push as dags_push  # noqa: PLC0415

    options = dags_push.PushOptions(path, requirements, prune, template_dir, builder, ca_bundle)
    steps, ask = Progress(settings), asker(settings)

    def show(done: dags_push.PushReport | dags_push.WouldPush) -> None:
        emit(given(done), settings.output, lambda: _pushed(given(done)))

    if watch:
        from kitctl.commands.console import errors  # noqa: PLC0415
        from kitctl.tools import watch_files  # noqa: PLC0415
        from kitctl.usecases.dags import watch as dags_watch  # noqa: PLC0415

        broken = functools.partial(errors.show, settings=settings)
        dags_watch.watch(settings, options, steps, ask, changes=watch_files.changes, show=show, broken=broken)
        return
    done = dags_push.push(settings, options, steps, ask)
    show(done)
    if not given(done).get("ok", True):
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
