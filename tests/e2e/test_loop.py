"""The loop of somebody who writes DAGs: tests in the image without a cluster, and saves that reach the release."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.git.stories import BROKEN, SMALL, remove, story
from tests.e2e.kit import Kit, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]
TESTS = """
import os
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

DAGS = DagBag(dag_folder=str(Path(__file__).parents[1] / "dags"))


def test_the_story_ends_well():
    assert DAGS.import_errors == {}
    assert DAGS.dags["story"].test().state == "success"


def test_the_variable_is_there():
    assert os.environ["WORD"] == "an end"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loop")
    for name, text in {
        "dags/story.py": story("v1"),
        "tests/test_story.py": TESTS,
        "dev.env": 'WORD="an end"\n',
        "values.yaml": json.dumps(SMALL),
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def mine(kit: Kit, project: Path) -> Iterator[Kit]:
    own = kit.sibling("e2e-loop", "loop")
    own.env = {**kit.env, "KITCTL_NODE_PORT": "30839"}
    own("up", "--dag-mode", "pvc", "-f", project / "values.yaml", timeout=600).ok()
    yield own
    remove(own)


def test_a_dag_runs_in_the_image(kit: Kit, project: Path) -> None:
    done = kit("dags", "test", "story", project / "dags", "-o", "json", timeout=400).ok()
    assert done.json["state"] == "success"
    assert {t["task"]: t["state"] for t in done.json["tasks"]} == {"first": "success", "second": "success"}
    assert "second: Done. Returned value was: v1 v1" in done.err


def test_the_tests_of_a_project_run_in_the_image(kit: Kit, project: Path) -> None:
    there = kit.sibling(kit.namespace, kit.release)
    there.cwd = project
    done = there("pytest", "--env-file", "dev.env", timeout=400).ok()
    assert "2 passed" in done.out
    one = there("pytest", "-o", "json", "--", "-k", "variable", timeout=400)
    assert (one.code, one.json["exit_code"]) == (1, 1)
    assert "1 failed, 1 deselected" in one.err


def test_a_save_reaches_the_cluster_and_an_error_is_shown(mine: Kit, project: Path, tmp_path: Path) -> None:
    api, log = mine.api(), tmp_path / "watch.log"

    def said(words: str) -> bool:
        return words in log.read_text()

    with mine.start("dags", "push", project / "dags", "--watch", log=log) as watcher:
        try:
            wait_for("the first push", lambda: said("watching "), timeout=120)

            def tags() -> list[str]:
                return [tag["name"] for tag in (api.dag("story") or {"tags": []})["tags"]]

            assert tags() == ["v1"]
            (project / "dags" / "story.py").write_text(story("v2"))
            wait_for("the second version", lambda: tags() == ["v2"], timeout=60)
            (project / "dags" / "broken.py").write_text(BROKEN)
            wait_for("the error", lambda: said("broken.py: ") and said("1 files do not import"), timeout=60)
            (project / "dags" / "broken.py").unlink()
            wait_for("the removal", lambda: not api.import_errors(), timeout=60)
        finally:
            watcher.send_signal(signal.SIGINT)
    assert watcher.wait() == 130, log.read_text()
