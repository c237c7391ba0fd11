"""The example DAGs pass the kit's own check; that they run is shown by tests/e2e/test_example_dags.py."""

import ast
from pathlib import Path

import pytest

from kitctl.images.dag_import import CheckOptions
from kitctl.usecases.dags.check import check

FOLDER = Path(__file__).parents[2] / "dags"
FILES = sorted(FOLDER.glob("*.py"))


def test_the_text_of_all_of_them_is_clean():
    report = check(FOLDER, CheckOptions(import_files=False), lambda line: None)
    assert report.findings == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_tells_its_story_first_and_in_the_ui(path: Path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    if path.stem.startswith("example_"):
        assert "doc_md=__doc__" in path.read_text()


LAUNCHERS = [p for p in FILES if "KubernetesPodOperator(" in p.read_text()]


@pytest.mark.parametrize("path", LAUNCHERS, ids=lambda p: p.stem)
def test_those_that_launch_pods_say_which_flag_they_need(path: Path):
    """Worker pods hold no rights, also on clusters that the kit made: without the flag these tasks fail."""
    told = ast.get_docstring(ast.parse(path.read_text())) or ""
    assert "--set workers.podOperatorRights=true" in told
    row = next(line for line in (FOLDER.parent / "docs/guide.md").read_text().splitlines() if f"`{path.stem}`" in line)
    assert "needs rights" in row


@pytest.mark.parametrize("path", [p for p in FILES if p.stem.startswith("example_")], ids=lambda p: p.stem)
def test_the_dag_is_called_like_its_file(path: Path):
    names = {n.name for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)}
    assert path.stem in names
