"""`kitctl init`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from kitctl.commands.console.next_steps import hints
from kitctl.commands.console.report import emit, plain
from kitctl.commands.options import flags
from kitctl.commands.options.defaults import typed
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Settings

app = make_app(project=False)


@app.command(epilog="Example: kitctl init etl --dag-mode pvc --ci gitlab")
@with_settings
def init(
    settings: Settings,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the project; it may exist")] = Path(),
    *,
    ci: flags.Ci,
    builder: flags.Builder,
    dag_mode: flags.DagMode,
    git_repo: flags.GitRepo,
    git_ref: flags.GitRef,
    git_sub_path: flags.GitSubPath,
    ctx: typer.Context,
) -> None:
    """Write a project: an example DAG with tests, kitctl.yaml, values and a workflow. Files that exist are kept.

    Release and namespace get the name of the folder, unless --release and --namespace name others.
    """
    from kitctl.model.options.overlay import dag_mode as mode_of  # noqa: PLC0415 - keeps --help fast
    from kitctl.model.values.dags import DagMode  # noqa: PLC0415
    from kitctl.render.project import Ci  # noqa: PLC0415
    from kitctl.usecases import init as use_case  # noqa: PLC0415

    wanted = use_case.NewProject(
        folder,
        release=settings.release if typed(ctx, "release") else "",
        namespace=settings.namespace if typed(ctx, "namespace") else "",
        mode=mode_of(dag_mode) or DagMode.IMAGE,
        git_repo=git_repo or "",
        git_ref=git_ref or "",
        git_sub_path=git_sub_path or "",
        ci=Ci(ci),
        builder=builder or "",
    )
    report = use_case.init(wanted, dry_run=settings.dry_run)
    emit(report, settings.output, lambda: _text(plain(report), folder))


def _text(report: dict[str, Any], folder: Path) -> str:
    if report.get("dry_run"):
        return "\n".join(f"would {line}" for line in report["would"] or ["change nothing"])
    lines = [f"created {path}" for path in report["created"]]
    lines += [f"kept    {path}, which was there" for path in report["kept"]]
    lines += [f"Note: {note}" for note in report["notes"]]
    steps = (
        *(((f"cd {shlex.quote(str(folder))}", "everything below runs in the project"),) if folder != Path() else ()),
        ("kitctl dags check", "find errors in the DAGs"),
        ("kitctl pytest", "run the tests in the image of the DAGs"),
        ("kitctl up", "cluster, image, release, and a first run"),
        ("kitctl run example_sales --unpause", "run the example"),
        ("kitctl dags push", "bring a changed DAG to the release"),
    )
    return "\n".join([*lines, "", "Next:", *(f"  {step}" for step in hints(*steps))])
