"""`kitctl dags check` imports as the release does: DAGs at the same place, with the same PYTHONPATH."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.model.dags.findings import Finding
from kitctl.model.settings import Settings
from kitctl.usecases.dags import against, check
from tests.airflow import local

DAG = (
    "from airflow.sdk import DAG\nfrom {} import X\nDAG('{}', schedule=None, tags=[X])\nd = DAG('{}', schedule=None)\n"
)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with `dags` and `include` beside one another."""
    local.use(monkeypatch)
    for place, name, module in (
        ("dags/team", "from_root", "common.args"),
        ("dags/team", "prefixed", "dags.common.args"),
        ("dags", "beside", "include.texts"),
    ):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / f"{name}.py").write_text(DAG.format(module, name, name))
    for module in ("dags/common/args.py", "include/texts.py"):
        (tmp_path / module).parent.mkdir(exist_ok=True)
        (tmp_path / module).write_text("X = 'x'\n")
    (tmp_path / "dags" / ".airflowignore").write_text("common/\n")
    return tmp_path


def judged(folder: Path, *sets: str) -> tuple[set[str], list[Finding]]:
    """Return the ids of the DAGs that import, and the findings."""
    options = against.against(
        Settings(sets=sets),
        lambda _: None,
        reference="airflow",
        requirements=None,
        import_files=True,
        executors="",
        jobs=2,
    )
    report = check.check(folder, options, lambda _: None)
    return {dag.dag_id for dag in report.dags}, report.findings


PATH = ("env[0].name=PYTHONPATH", "env[0].value={}")
GIT = ("dags.mode=git", "dags.git.repo=https://git.example.org/flows.git", "dags.git.subPath=dags")


def path(value: str) -> tuple[str, ...]:
    return tuple(text.format(value) for text in PATH)


def test_only_the_dag_folder_is_on_the_path_and_the_fixes_say_what_to_do(repository: Path) -> None:
    found, findings = judged(repository / "dags")
    assert found == {"from_root"}
    fixes = {finding.file: finding.fix for finding in findings}
    assert "Import it without `dags.`" in fixes["team/prefixed.py"]
    assert "value: /opt/airflow}]" in fixes["team/prefixed.py"]
    assert "Move it into the DAG folder" in fixes["beside.py"]


def test_the_folder_above_is_on_the_path_as_in_the_release(repository: Path) -> None:
    assert judged(repository / "dags", *path("/opt/airflow"))[0] == {"from_root", "prefixed"}


def test_mode_git_brings_the_whole_repository(repository: Path) -> None:
    found, findings = judged(repository / "dags", *GIT)
    assert found == {"from_root"}
    assert all("value: /opt/airflow/dags/repo}]" in finding.fix for finding in findings)
    found, findings = judged(repository / "dags", *GIT, *path("/opt/airflow/dags/repo"))
    assert (found, findings) == ({"from_root", "prefixed", "beside"}, [])
