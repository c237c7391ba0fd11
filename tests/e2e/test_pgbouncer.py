"""PgBouncer before the chart's own PostgreSQL: all goes through a few connections, and its loss costs no task."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.kit import ROOT, Kit, finish, start_run, states, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1200)]
MOST = 12
TASKS = 32
VALUES: dict[str, Any] = {
    "executors": ["CeleryExecutor", "KubernetesExecutor"],
    "pgbouncer": {"enabled": True, "poolSize": MOST - 2, "reservePoolSize": 2},
    "workers": {"celery": {"concurrency": 4, "resources": {"requests": {"memory": "512Mi"}}}},
}
ASKED = "SELECT client_addr, count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1"


@pytest.fixture(scope="module")
def pooled(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A release behind PgBouncer, with DAGs for both executors and one that is deferred."""
    folder = tmp_path_factory.mktemp("pgbouncer")
    dags = folder / "dags"
    dags.mkdir()
    for name in ("tests/e2e/celery_dags/e2e_celery.py", "tests/e2e/celery_dags/e2e_hybrid.py"):
        shutil.copy(ROOT / name, dags)
    shutil.copy(ROOT / "dags" / "example_deferrable.py", dags)
    path = folder / "values.yaml"
    path.write_text(json.dumps(VALUES), encoding="utf-8")
    mine = kit.sibling("pooled", "airflow")
    mine("up", "--dags", dags, "-f", path, "--node-port", "30821", "-o", "json", timeout=1500).ok()
    yield mine
    mine("down", "--volumes", timeout=400).ok()


@pytest.fixture(scope="module")
def its_api(pooled: Kit) -> AirflowApi:
    return pooled.api()


def connections(pooled: Kit) -> dict[str, int]:
    """Return how many connections the server has, by the address of the client; "" is its own pod."""
    argv = ["psql", "-U", "airflow", "-d", "airflow", "-XAtq", "-F", " ", "-c", ASKED]
    text = pooled.kubectl("exec", "airflow-postgres-0", "--", *argv).ok().out
    return {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in text.splitlines()}


def address(pooled: Kit) -> str:
    (pod,) = [p for p in pooled.pods("pgbouncer") if not p["metadata"].get("deletionTimestamp")]
    return str(pod["status"]["podIP"])


def test_both_executors_and_a_deferred_task_run_through_it(pooled: Kit, its_api: AirflowApi) -> None:
    runs = {dag: start_run(its_api, dag, timeout=240) for dag in ("e2e_hybrid", "example_deferrable")}
    for dag, run_id in runs.items():
        assert finish(its_api, dag, run_id, timeout=400) == "success", states(its_api, dag, run_id)


def test_only_pgbouncer_has_connections_to_the_server(pooled: Kit) -> None:
    found = connections(pooled)
    assert {where for where in found if where} == {address(pooled)}
    assert found[address(pooled)] <= MOST


def test_its_loss_under_load_loses_no_task_and_doubles_none(pooled: Kit, its_api: AirflowApi) -> None:
    dag_id = "e2e_celery_many"
    run_id = start_run(its_api, dag_id)

    def done() -> int:
        most = sum(count for where, count in connections(pooled).items() if where)
        # Those of a pod that was killed close when the server notices.
        assert most <= 2 * MOST
        return list(states(its_api, dag_id, run_id).values()).count("success")

    for seen in (2, 12):
        wait_for(f"{seen} tasks to end", lambda least=seen: done() >= least, timeout=300)
        assert done() < TASKS
        (pod,) = pooled.pods("pgbouncer")
        pooled.kubectl("delete", "pod", pod["metadata"]["name"], "--force", "--grace-period=0").ok()
    assert finish(its_api, dag_id, run_id, timeout=900) == "success"
    assert done() == TASKS
    assert {t["try_number"] for t in its_api.task_instances(dag_id, run_id)} == {1}
    name = f"/opt/airflow/logs/count-{run_id.replace(':', '-').replace('+', '-')}.txt"
    lines = pooled("exec", "api-server", "--", "cat", name).ok().out.split()
    assert sorted(map(int, lines)) == list(range(TASKS))


def test_a_restart_lets_running_tasks_go_on(pooled: Kit, its_api: AirflowApi) -> None:
    run_id = start_run(its_api, "e2e_celery_patient")
    wait_for(
        "the task to run", lambda: states(its_api, "e2e_celery_patient", run_id).get("wait") == "running", timeout=180
    )
    old = pooled.pods("pgbouncer")[0]["metadata"]["uid"]
    pooled.kubectl("rollout", "restart", "deployment", "airflow-pgbouncer").ok()
    pooled.kubectl("rollout", "status", "deployment", "airflow-pgbouncer", "--timeout=120s", timeout=150).ok()
    wait_for(
        "the old pod to end", lambda: old not in {p["metadata"]["uid"] for p in pooled.pods("pgbouncer")}, timeout=60
    )
    assert finish(its_api, "e2e_celery_patient", run_id, timeout=300) == "success"
    assert {t["try_number"] for t in its_api.task_instances("e2e_celery_patient", run_id)} == {1}
