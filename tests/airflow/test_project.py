"""A new project, with Airflow itself: its tests pass, and find what is wrong; `kitctl dags check` imports its DAG."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.model.settings import Settings
from kitctl.tools.process import Result
from kitctl.usecases.dags import against, check
from kitctl.usecases.init import NewProject, init
from tests.airflow import local
from tests.airflow.environment import run_python, with_pytest


@pytest.fixture
def project(tmp_path: Path) -> Path:
    init(NewProject(tmp_path), dry_run=False)
    return tmp_path


def outcome(project: Path, home: Path) -> Result:
    """Run the project's own tests."""
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(project / "tests")]
    return run_python(words, env={"AIRFLOW_HOME": str(home), "PYTHONPATH": ""}, python=with_pytest())


def test_the_tests_of_a_new_project_pass(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    done = outcome(project, tmp_path_factory.mktemp("home"))
    assert done.ok, done.stdout
    assert "6 passed" in done.stdout


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("from airflow.sdk import dag\nimport nothing_of_this_name\n", "test_all_files_import"),
        (
            "from airflow.sdk import DAG\nbare = DAG('bare', schedule=None)\n",
            "test_every_dag_has_a_tag_and_a_description",
        ),
        (
            "from airflow.sdk import DAG, task\nwith DAG('once', schedule=None, tags=['x'], doc_md='x'):\n"
            "    task(lambda: 1, task_id='t')()\n",
            "test_tasks_are_retried",
        ),
    ],
)
def test_they_find_what_is_wrong(
    project: Path, tmp_path_factory: pytest.TempPathFactory, text: str, failed: str
) -> None:
    (project / "dags" / "more.py").write_text(text)
    done = outcome(project, tmp_path_factory.mktemp("home"))
    assert not done.ok
    assert f"::{failed}" in done.stdout
    assert "1 failed, 5 passed" in done.stdout


def test_dags_check_imports_its_dag(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local.use(monkeypatch)
    options = against.against(
        Settings(), lambda _: None, reference="airflow", requirements=None, import_files=True, executors="", jobs=1
    )
    report = check.check(project / "dags", options, lambda _: None)
    assert (report.findings, [(dag.dag_id, dag.tasks) for dag in report.dags]) == ([], [("example_sales", 3)])
