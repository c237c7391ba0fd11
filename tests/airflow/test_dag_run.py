"""`kitctl dags test` and `kitctl pytest`: their scripts for the image, with the pinned Airflow and its own database."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.images import sandbox
from kitctl.images.dag_import import CheckOptions
from kitctl.usecases.dags import test as dags_test
from kitctl.usecases.dags.test_log import for_people
from tests.airflow import local

FLOW = """
import os
from airflow.sdk import Variable, dag, get_current_context, task


@dag(schedule=None)
def flow():
    @task
    def numbers():
        print("the password is as long as", len(os.environ["FLOW_PASSWORD"]))
        return [1, 2]

    @task
    def add(number):
        conf = get_current_context()["dag_run"].conf
        if number == conf.get("fail"):
            raise ValueError("told to fail")
        return number + int(Variable.get("more"))

    add.expand(number=numbers())


flow()
"""
VARIABLES = {"FLOW_PASSWORD": "four", "AIRFLOW_VAR_MORE": "10"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    local.use(monkeypatch)
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "flow.py").write_text(FLOW)
    return dags


def run(folder: Path, dag: str = "flow", **conf: object) -> tuple[dags_test.DagTestReport, list[str]]:
    lines: list[str] = []
    asked = dags_test.Asked(dag, folder, conf, "2026-01-31", VARIABLES)
    return dags_test.test(asked, CheckOptions(image="airflow"), for_people(lines.append), lambda _: None), lines


def test_a_run_succeeds_and_shows_what_its_tasks_say(folder: Path) -> None:
    report, lines = run(folder)
    assert (report.ok, report.state) == (True, "success")
    first, *mapped = [(t.task, t.map_index, t.state) for t in report.tasks]
    assert first == ("numbers", -1, "success")
    # Airflow promises no order among mapped instances, and the report tells in which order they began.
    assert sorted(mapped) == [("add", 0, "success"), ("add", 1, "success")]
    assert "the password is as long as 4" in lines
    assert "add[1]: Done. Returned value was: 12" in lines
    assert not any("KITCTL-REPORT" in line or "[info" in line for line in lines)


def test_a_run_that_fails_says_so_with_its_traceback(folder: Path) -> None:
    report, lines = run(folder, fail=2)
    assert (report.ok, report.state) == (False, "failed")
    assert {t.map_index: t.state for t in report.tasks if t.task == "add"} == {0: "success", 1: "failed"}
    assert "ValueError: told to fail" in lines


def test_a_dag_that_is_not_there_is_told_with_those_that_are(folder: Path) -> None:
    with pytest.raises(KitError) as raised:
        run(folder, "flowers")
    assert (raised.value.id, raised.value.cause) == ("dag-missing", "Its DAGs: flow")


def test_a_file_that_does_not_import_is_told(folder: Path) -> None:
    (folder / "flowers.py").write_text("from airflow.sdk import DAG\nimport nowhere\n")
    with pytest.raises(KitError) as raised:
        run(folder, "flowers")
    assert raised.value.id == "dag-not-imported"
    assert "No module named 'nowhere'" in raised.value.cause


def test_tests_see_an_airflow_of_their_own_and_the_exit_code_is_theirs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The environment of these tests has no pytest: a module of that name tells what the script gives to it.
    package = folder.parent / "packages"
    package.mkdir()
    (package / "pytest.py").write_text(
        "import os, sqlite3, sys\n"
        "base = sqlite3.connect(os.environ['AIRFLOW_HOME'] + '/airflow.db')\n"
        "print('runs', base.execute('select count(*) from dag_run').fetchone()[0])\n"
        "print('dags', os.listdir(os.environ['AIRFLOW__CORE__DAGS_FOLDER']), os.environ['FLOW_PASSWORD'])\n"
        "print('words', sys.argv[1:])\n"
        "raise SystemExit(3)\n"
    )
    tests = folder.parent / "tests"
    tests.mkdir()
    (tests / "test_flow.py").write_text("")
    monkeypatch.setattr(sandbox.image, "ensure_dags_image", lambda *_: "airflow-with-pytest")
    lines: list[str] = []
    options = CheckOptions(image="airflow", env={"PYTHONPATH": str(package)})
    inside = sandbox.Inside(options, folder, VARIABLES, write=lines.append)
    argv = ["tests", "-k", "flow", "--maxfail=1"]
    found = sandbox.tests(inside, folder.parent, ["tests"], Path("requirements.txt"), argv, lambda _: None)
    assert found == ("airflow-with-pytest", 3)
    assert "runs 0" in lines
    assert "dags ['flow.py'] four" in lines
    assert f"words {['-p', 'no:cacheprovider', *argv]}" in lines
