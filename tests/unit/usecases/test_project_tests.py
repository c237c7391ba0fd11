"""`kitctl pytest`: which folders go into the image, wherever it is typed in a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kitctl import cli
from kitctl.errors import ExitCode, KitError
from kitctl.images import sandbox
from kitctl.images.dag_import import CheckOptions
from kitctl.usecases import project_tests
from kitctl.usecases.dags import against


class Image:
    """Takes what would run in the image, and ends as it is told."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.folders: Sequence[str] = ()
        self.needed = ""
        self.argv: Sequence[str] = ()

    def tests(
        self, inside: sandbox.Inside, project: Path, folders: Sequence[str], needed: Path, argv: Sequence[str], _: Any
    ) -> tuple[str, int]:
        self.project, self.folders, self.argv, self.needed = project, folders, argv, needed.read_text()
        inside.write("1 passed")
        return "image", self.code


@pytest.fixture
def image(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Image:
    found = Image()
    monkeypatch.setattr(sandbox, "tests", found.tests)
    monkeypatch.setattr(against, "against", lambda *_, **__: CheckOptions(image="image"))
    for name in ("kitctl.yaml", "dags/a.py", "tests/test_a.py", "sub/x", "other/tests/test_b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("dags: dags\n" if name == "kitctl.yaml" else "")
    monkeypatch.chdir(tmp_path)
    return found


def run(*words: str) -> Any:
    done = CliRunner().invoke(cli.app, ["pytest", *words])
    if isinstance(done.exception, KitError):
        raise done.exception
    return done


@pytest.mark.parametrize("place", [".", "sub"])
def test_the_folders_of_the_project_are_meant_wherever_it_is_typed(
    image: Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    monkeypatch.chdir(tmp_path / place)
    done = run()
    assert (done.exit_code, done.stdout) == (0, "1 passed\n")
    assert (image.project, image.folders, image.argv) == (tmp_path, ["tests", "dags"], ["tests"])
    assert image.needed == "pytest\n"


def test_typed_folders_start_at_the_current_one(image: Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path / "other")
    assert run("--tests", "tests").exit_code == 0
    assert image.folders == ["other/tests", "dags"]


def test_arguments_go_to_pytest_and_its_failure_is_ours(image: Image, tmp_path: Path) -> None:
    (tmp_path / "requirements-test.txt").write_text("pytest-mock\n")
    image.code = 2
    done = run("-o", "json", "--", "-k", "a")
    assert (done.exit_code, image.argv, image.needed) == (ExitCode.FAILURE, ["-k", "a"], "pytest-mock\n")
    assert '"exit_code": 2' in done.stdout


def test_a_dry_run_starts_nothing(image: Image) -> None:
    done = run("--dry-run")
    assert (done.stdout, image.argv) == ("would run pytest tests in the image that runs the DAGs\n", ())


@pytest.mark.parametrize("folder", ["none", ".."])
def test_folders_that_the_image_cannot_have_are_refused(image: Image, folder: str) -> None:
    with pytest.raises(KitError) as raised:
        run("--tests", folder)
    assert (raised.value.id, raised.value.code, image.argv) == ("tests-missing", ExitCode.USAGE, ())


def test_what_is_tested_is_judged_first(image: Image, tmp_path: Path) -> None:
    (tmp_path / "dags" / "a.py").unlink()
    with pytest.raises(KitError) as raised:
        run()
    assert raised.value.id == "dags-empty"
    assert project_tests.REQUIREMENTS == "requirements-test.txt"
