"""The query by which KEDA scales Celery workers, on a real PostgreSQL with the tables of Airflow's migrations."""

from __future__ import annotations

import math
import os
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.airflow.environment import drivers, interpreter
from tests.airflow.postgres_server import Server, program, running
from tests.chart.release import render

CELERY = "airflow.providers.celery.executors.celery_executor.CeleryExecutor"
KUBERNETES = "airflow.providers.cncf.kubernetes.executors.kubernetes_executor.KubernetesExecutor"
STATES = (None, "scheduled", "queued", "running", "deferred", "up_for_retry", "success", "failed")
EXECUTORS = (None, "CeleryExecutor", CELERY, "KubernetesExecutor", KUBERNETES, "LocalExecutor")
QUEUES = ("default", "it's", "big", "other")
ROWS = [*product(STATES, EXECUTORS, QUEUES)]
QUERY = "workers.celery.autoscaling.keda.maxReplicas=9"
GROUP = (
    "workers.celery.groups[0].name=big",
    "workers.celery.groups[0].queues={big,other}",
    "workers.celery.groups[0].autoscaling.keda.maxReplicas=9",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A database with the tables of Airflow."""
    with running() as started:
        (packages,) = (drivers().parents[1] / "lib").glob("python*/site-packages")
        url = f"postgresql+psycopg2://owner@/airflow?host={started.folder}&port={started.port}"
        env = {
            **os.environ,
            "AIRFLOW_HOME": str(started.folder / "home"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
            "PYTHONPATH": str(packages),
        }
        airflow = interpreter().with_name("airflow")
        done = subprocess.run(
            [airflow, "db", "migrate"], env=env, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, done.stderr[-3000:]
        yield started


def psql(server: Server, words: str) -> str:
    """Run SQL as the owner of the database, and return its result."""
    login = ["-h", str(server.folder), "-p", str(server.port), "-U", "owner", "-d", "airflow"]
    done = subprocess.run(
        [program("psql"), *login, "-qtA", "-v", "ON_ERROR_STOP=1", "-f", "-"],
        input=words,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def fill(server: Server, rows: list[tuple[str | None, str | None, str]]) -> None:
    """Leave these task instances in the table, by state, executor and queue."""
    # Without the rows of DAGs and runs that they point at.
    words = [
        "SET client_min_messages = warning;",
        "SET session_replication_role = replica;",
        "TRUNCATE task_instance CASCADE;",
    ]
    for number, row in enumerate(rows):
        state, executor, queue = ("NULL" if value is None else "'" + value.replace("'", "''") + "'" for value in row)
        names = "id, task_id, dag_id, run_id, map_index, pool, pool_slots, try_number, state, executor, queue"
        row_words = f"gen_random_uuid(), 't{number}', 'd', 'r', -1, 'default_pool', 1, 1, {state}, {executor}, {queue}"
        words.append(f"INSERT INTO task_instance ({names}) VALUES ({row_words});")  # noqa: S608 - a test's own words
    psql(server, "\n".join(words))


def query(executors: str, *sets: str, group: str = "") -> str:
    """Return the query of a group as KEDA gets it."""
    release = render(sets=(f"executors={{{executors}}}", *sets))
    name = f"airflow-celery{group and '-' + group}"
    (scaled,) = [d for d in release.documents if d["kind"] == "ScaledObject" and d["metadata"]["name"] == name]
    found: str = scaled["spec"]["triggers"][0]["metadata"]["query"]
    return found


def count(queues: set[str], executors: set[str | None]) -> int:
    """Count the rows that a group has to run."""
    return len([1 for s, e, q in ROWS if s in {"queued", "running"} and e in executors and q in queues])


FIRST: set[str | None] = {None, "CeleryExecutor", CELERY}


def test_each_group_counts_the_tasks_of_its_queues_and_of_its_executor(server: Server) -> None:
    fill(server, ROWS)
    for order, owned in (
        ("CeleryExecutor", FIRST),
        ("CeleryExecutor,KubernetesExecutor", FIRST),
        ("KubernetesExecutor,CeleryExecutor", FIRST - {None}),
    ):
        for concurrency in (1, 2, 4, 5):
            sets = (QUERY, f"workers.celery.concurrency={concurrency}", *GROUP)
            wanted = count({"default"}, owned)
            assert wanted > 0
            assert psql(server, query(order, *sets)) == str(math.ceil(wanted / concurrency))
            wanted = count({"big", "other"}, owned)
            assert psql(server, query(order, *sets, group="big")) == str(math.ceil(wanted / concurrency))


def test_a_default_queue_of_any_name_is_a_text_of_sql(server: Server) -> None:
    fill(server, ROWS)
    sets = (QUERY, "workers.celery.concurrency=1", "config.operators.default_queue=it's")
    assert psql(server, query("CeleryExecutor", *sets)) == str(count({"it's"}, FIRST))
    env = ("env[0].name=AIRFLOW__OPERATORS__DEFAULT_QUEUE", "env[0].value=big")
    assert psql(server, query("CeleryExecutor", *sets, *env)) == str(count({"big"}, FIRST))


def test_one_task_needs_one_pod_and_none_needs_none(server: Server) -> None:
    fill(server, [("queued", None, "default")])
    assert psql(server, query("CeleryExecutor", QUERY)) == "1"
    fill(server, [])
    assert psql(server, query("CeleryExecutor", QUERY)) == "0"


def test_the_result_is_a_floating_point_number_as_keda_reads_it(server: Server) -> None:
    asked = query("CeleryExecutor", QUERY)
    words = f"SELECT pg_typeof(pods) FROM ({asked}) AS answer (pods)"  # noqa: S608
    assert psql(server, words) == "double precision"


def test_a_worker_would_take_each_task_that_is_counted(tmp_path: Path) -> None:
    """The names of executors are those that Airflow itself resolves."""
    code = (
        "from airflow.executors.executor_loader import ExecutorLoader as L;"
        f"print(*{{str(L.lookup_executor_name_by_str(n).module_path) for n in ('CeleryExecutor', '{CELERY}')}})"
    )
    env = {"AIRFLOW__CORE__EXECUTOR": "KubernetesExecutor,CeleryExecutor", "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run(
        [interpreter(), "-c", code], env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.split() == [CELERY], done.stderr[-2000:]
