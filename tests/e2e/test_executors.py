"""The executor for short tasks on one machine, alone and with each of the others, in either order: each runs a task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.git.stories import SMALL, remove
from tests.e2e.kit import Kit, finish, log_text, start_run, states

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]
LISTS = (
    ("LocalExecutor",),
    ("LocalExecutor", "KubernetesExecutor"),
    ("KubernetesExecutor", "LocalExecutor"),
    ("CeleryExecutor", "LocalExecutor"),
)
HOSTS = {
    "LocalExecutor": "airflow-scheduler-",
    "KubernetesExecutor": "e2e-executors-",
    "CeleryExecutor": "airflow-celery-",
}
"""How the names of the pods begin in which tasks run."""
DAG = '''
"""A task of each executor, and one that names none."""

import socket

from airflow.sdk import dag, task


@dag(schedule=None, dag_id="e2e_executors_NUMBER", tags=["e2e"])
def executors():
    @task
    def tell():
        print(f"runs on {socket.gethostname()}", flush=True)

    tell.override(task_id="default")()
    for name in NAMES:
        tell.override(task_id=name, executor=name)()


executors()
'''


@pytest.fixture(scope="module")
def mine(kit: Kit) -> Iterator[Kit]:
    """A release of its own, whose executors each test changes."""
    yield (found := kit.sibling("e2e-executors", "airflow"))
    remove(found)


@pytest.mark.parametrize("names", LISTS, ids="-".join)
def test_each_executor_of_the_list_runs_its_tasks(names: tuple[str, ...], mine: Kit, tmp_path: Path) -> None:
    number = LISTS.index(names)
    dags = tmp_path / "dags"
    dags.mkdir()
    text = DAG.replace("NUMBER", str(number)).replace("NAMES", repr(names))
    (dags / "executors.py").write_text(text, encoding="utf-8")
    values = tmp_path / "values.yaml"
    workers = {**SMALL["workers"], "celery": {"resources": {"requests": {"cpu": "50m", "memory": "256Mi"}}}}
    values.write_text(json.dumps({**SMALL, "executors": list(names), "workers": workers}), encoding="utf-8")
    words = ("--dags", dags, "-f", values, "--node-port", "30813", "--no-smoke", "-o", "json")
    mine("up", *words, timeout=700).ok()
    assert mine("status", "-o", "json").ok().json["executors"] == list(names)

    api, dag_id = mine.api(), f"e2e_executors_{number}"
    run_id = start_run(api, dag_id)
    assert finish(api, dag_id, run_id, timeout=300) == "success", states(api, dag_id, run_id)
    for task_id, executor in (("default", names[0]), *((name, name) for name in names)):
        log = log_text(api, dag_id, run_id, task_id)
        assert f"runs on {HOSTS[executor]}" in log, (task_id, log)
