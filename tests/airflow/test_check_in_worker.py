"""docker/check/dag_check.py imports each file as a worker pod would, too, on any Airflow and with deferred imports."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kitctl.model.versions import data_dir
from tests.airflow.environment import deferring, interpreter, run_python

DAG = "from airflow.sdk import DAG\ndag = DAG('{}', schedule=None)\n"
WHERE = "import os\nif os.environ.get('AIRFLOW_IS_K8S_EXECUTOR_POD') == 'True':\n    {}\n"
FILES = {
    "fine.py": "import sqlalchemy as sa\nimport airflow\nsa.orm.Session, airflow.models.DAG\n" + DAG.format("fine"),
    "absent.py": WHERE.format("import nosuchmodule") + DAG.format("absent"),
    "both.py": "import nosuchmodule\n" + DAG.format("both"),
    "crash.py": WHERE.format("os._exit(3)") + DAG.format("crash"),
    "other.py": DAG.format("other"),
    "renamed.py": "import os\n" + DAG.replace("'{}'", "os.environ.get('AIRFLOW_IS_K8S_EXECUTOR_POD', 'here')"),
    "lookup.py": "from airflow.sdk import Variable\nVariable.get('x')\n" + DAG.format("lookup"),
}


def check(folder: Path, python: Path, *words: str) -> dict[str, Any]:
    done = run_python([str(data_dir("docker") / "check" / "dag_check.py"), str(folder), *words], python=python)
    assert done.ok, done.stderr[-3000:]
    report: dict[str, Any] = json.loads(done.stdout.partition("KITCTL-REPORT ")[2])
    return report


@pytest.mark.parametrize("python", [interpreter, deferring], ids=["as released", "deferring"])
def test_what_imports_in_one_of_the_two_modes_is_an_error(tmp_path: Path, python: Callable[[], Path]) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(f"# airflow DAG\n{text}")
    report = check(tmp_path, python())
    assert {(f["file"], f["rule"], f["message"].startswith("In a worker pod: ")) for f in report["findings"]} == {
        ("absent.py", "dag-import-error", True),
        ("both.py", "dag-import-error", False),
        ("crash.py", "dag-import-crashed", True),
        ("renamed.py", "dag-not-in-worker", False),
        ("lookup.py", "top-level-lookup", False),
    }
    assert {d["dag_id"] for d in report["dags"]} == {"fine", "absent", "crash", "other", "here"}


def test_without_the_kubernetes_executor_there_is_no_worker_pod(tmp_path: Path) -> None:
    (tmp_path / "absent.py").write_text(FILES["absent.py"])
    assert check(tmp_path, interpreter(), "--executors", "LocalExecutor")["findings"] == []


def test_the_example_dags_import_in_a_worker_pod(tmp_path: Path) -> None:
    report = check(data_dir("dags"), deferring())
    assert [f for f in report["findings"] if f["severity"] == "error"] == []
    assert len(report["dags"]) > 5


def build(folder: Path, tmp_path: Path, python: Path) -> tuple[int, dict[str, Any]]:
    """Run the check of an image build, as its Dockerfile does; return the exit code and what it says."""
    kit = tmp_path / "kit"
    kit.mkdir()
    for file in ("dags/check.py", "check/worker_mode.py"):
        shutil.copy(data_dir("docker") / file, kit)
    done = run_python([str(kit / "check.py"), str(folder), "yes"], python=python)
    line = re.search(r"^KITCTL-\w+ (\{.*\})$", done.stdout, re.MULTILINE)
    assert line, done.stderr[-3000:]
    return done.code, json.loads(line[1])


@pytest.mark.parametrize("python", [interpreter, deferring], ids=["as released", "deferring"])
def test_an_image_is_not_built_of_a_file_that_fails_in_worker_pods(tmp_path: Path, python: Callable[[], Path]) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    for name in ("fine.py", "absent.py", "renamed.py"):
        (folder / name).write_text(f"# airflow DAG\n{FILES[name]}")
    code, said = build(folder, tmp_path, python())
    assert (code, said["id"]) == (1, "dag-import-failed")
    assert {Path(name).name for name in said["files"]} == {"absent.py", "renamed.py"}
    assert all("In a worker pod" in text for text in said["files"].values())


def test_an_image_is_built_of_files_that_import_in_both_modes(tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    for name in ("fine.py", "other.py"):
        (folder / name).write_text(f"# airflow DAG\n{FILES[name]}")
    assert build(folder, tmp_path, deferring()) == (0, {"dags": ["fine", "other"]})
