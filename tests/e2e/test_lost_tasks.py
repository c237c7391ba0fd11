"""Tasks that Kubernetes refuses, cannot start or kills: `kitctl logs` and `kitctl status` say why, and no pod stays."""

from __future__ import annotations

import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.kit import Done, Kit, finish, start_run, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(600)]
DAG = "e2e_lost"


@pytest.fixture(scope="module")
def run_id(main_job: Kit, api: AirflowApi) -> str:
    """The id of a run of which every task was lost."""
    found = start_run(api, DAG)
    assert finish(api, DAG, found, timeout=400) == "failed"
    return found


def log(kit: Kit, run_id: str, task: str) -> Done:
    return kit("logs", "--dag", DAG, "--task", task, "--run", run_id, "-o", "json")


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("refused", "violates PodSecurity"),
        ("takes_keys", "it takes the Secret airflow-keys"),
        ("no_image", "ErrImagePull"),
    ],
    ids=["refused", "takes keys", "no image"],
)
def test_a_task_without_a_log_says_why(release: Kit, run_id: str, task: str, words: str) -> None:
    done = log(release, run_id, task)
    assert (done.code, done.error["id"]) == (1, "task-log-missing")
    assert words in done.error["cause"]
    assert "hostname_callable" not in done.error["cause"]


def test_an_evicted_task_says_so_behind_its_log(release: Kit, run_id: str) -> None:
    done = log(release, run_id, "fills")
    assert done.code == 0
    assert "filling the disk" in done.out
    assert "Evicted" in done.err
    assert "exceeds the limit" in done.err


def test_status_lists_them(release: Kit, run_id: str) -> None:
    report = release("status", "-o", "json").json
    mine = {f["task_id"]: f["reason"] for f in report["pod_failures"] if f["run_id"] == run_id}
    assert set(mine) == {"refused", "takes_keys", "no_image", "fills"}
    assert "violates PodSecurity" in mine["refused"]


def test_their_pods_are_gone(release: Kit, run_id: str) -> None:
    def left() -> list[str]:
        pods = [p["metadata"] for p in release.pods("worker")]
        return [p["name"] for p in pods if p.get("annotations", {}).get("run_id") == run_id]

    wait_for("the pods of the lost tasks to go", lambda: not left(), timeout=90, pause=2)
