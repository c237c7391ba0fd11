"""`kitctl pytest`: run a project's tests in the image that runs its DAGs, so that they see the same packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from kitctl.errors import ExitCode, KitError
from kitctl.images import layers, sandbox
from kitctl.images.dag_import import CheckOptions, Progress

REQUIREMENTS = "requirements-test.txt"


@dataclass(frozen=True)
class Project:
    """What is tested.

    Attributes:
        folder: Folder of the project; the tests see it as their working folder.
        dags: Its DAG folder.
        tests: Its folder of tests.
        requirements: Packages that the tests need beside the image; None means `requirements-test.txt` of the project
            where there is one, else pytest alone.
        variables: Variables that may be secrets.
        timeout: Seconds.
    """

    folder: Path
    dags: Path
    tests: Path
    requirements: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 900.0


@dataclass(frozen=True)
class TestsReport:
    """How the tests ended.

    Attributes:
        ok: Whether all passed.
        image: Image that ran them: the one of the DAGs, with what the tests need on top.
        exit_code: Exit code of pytest.
    """

    ok: bool
    image: str
    exit_code: int


@dataclass(frozen=True, kw_only=True)
class WouldRun:
    """What a dry run of the tests would do."""

    dry_run: bool = True
    would: str


def would(project: Project, argv: Sequence[str]) -> WouldRun:
    """Say what a run would do, after the same look at the folders."""
    layers.look(project.dags)
    words = " ".join(argv or [_below(project, project.tests)])
    return WouldRun(would=f"run pytest {words} in the image that runs the DAGs")


def run(
    project: Project,
    argv: Sequence[str],
    options: CheckOptions,
    write: Callable[[str], object],
    progress: Progress,
) -> TestsReport:
    """Run the tests.

    Args:
        project: What is tested.
        argv: Arguments of pytest; without any, it runs the folder of tests.
        options: In what.
        write: Takes what pytest prints, line by line.
        progress: Takes a line for each step.

    Raises:
        KitError: `dags-missing`, `dags-empty`, `tests-missing`, `dag-test-timeout`, and what a build may raise.
    """
    layers.look(project.dags)
    folders = [_below(project, project.tests), _below(project, project.dags)]
    inside = sandbox.Inside(options, project.dags, project.variables, project.timeout, write)
    with TemporaryDirectory(prefix="kitctl-test-") as stage:
        needed = project.requirements or project.folder / REQUIREMENTS
        if project.requirements is None and not needed.is_file():
            needed = Path(stage, REQUIREMENTS)
            needed.write_text("pytest\n", encoding="utf-8")
        image, code = sandbox.tests(inside, project.folder, folders, needed, argv or [folders[0]], progress)
    return TestsReport(code == 0, image, code)


def _below(project: Project, folder: Path) -> str:
    """Return a folder's path in the project, which is its path in the image as well."""
    whole = project.folder / folder
    if not whole.is_dir():
        raise KitError(
            "tests-missing",
            f"{folder} is no folder",
            cause=f"Relative paths start at {project.folder}",
            fix="kitctl pytest --tests FOLDER",
            code=ExitCode.USAGE,
        )
    try:
        return whole.resolve().relative_to(project.folder.resolve()).as_posix()
    except ValueError as exc:
        raise KitError(
            "tests-missing",
            f"{folder} lies outside of the project {project.folder}",
            cause="Tests see the folders of the project at the same relative paths in the image",
            fix=f"cd {whole.resolve().parent}    # then run it there",
            code=ExitCode.USAGE,
        ) from exc
