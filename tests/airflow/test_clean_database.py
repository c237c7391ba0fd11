"""The CronJob clean-db against a real PostgreSQL with Airflow's tables: its command, environment and script."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kitctl.model.values.cleaning import DatabaseCleanup
from kitctl.model.versions import data_dir
from tests.airflow.environment import drivers, interpreter
from tests.airflow.postgres_server import Server, program, running
from tests.chart.release import render

SETS = (
    *("postgres.enabled=false", "database.host=localhost", "database.user=with_proxy", "database.password=false"),
    "databaseCleanup.enabled=true",
)
ROWS = Path(__file__).with_name("cleaned_rows.py")
YOUNG = ["busy/scheduled-2", "idle/scheduled-600"]


class Pod:
    """The pod of the CronJob on this machine, with values of a test."""

    def __init__(self, server: Server, home: Path, *sets: str) -> None:
        container = render(sets=(*SETS, *sets)).pod("clean-db").spec.containers[0]
        files = str(data_dir("chart") / "files")
        packages = next(drivers().parents[1].glob("lib/python*/site-packages"))
        path = f"{interpreter().parent}:{os.environ['PATH']}"
        self.env = {**os.environ, **{e.name: str(e.value).replace("/opt/airflow/kit", files) for e in container.env}}
        self.env |= {"KIT_DATABASE_PORT": str(server.port), "AIRFLOW_HOME": str(home), "HOME": str(home)}
        self.env |= {"PATH": path, "PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"}
        self.args = [word.replace("/opt/airflow/kit", files) for word in container.args]

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, env=self.env, capture_output=True, text=True, check=False, timeout=600)

    def clean(self) -> subprocess.CompletedProcess[str]:
        """Run the container's command."""
        return self.run(*self.args)

    def left(self) -> dict[str, Any]:
        done = self.run("python", str(ROWS), "tell")
        assert done.returncode == 0, done.stderr[-3000:]
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


def sql(server: Server, words: str, database: str = "postgres") -> str:
    login = ["-h", str(server.folder), "-p", str(server.port), "-U", "owner", "-d", database, "-tAc", words]
    return subprocess.run([str(program("psql")), *login], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a database `full`, from which each test copies its own."""
    with running() as started:
        sql(started, "ALTER DATABASE airflow OWNER TO with_proxy")
        pod = Pod(started, tmp_path_factory.mktemp("home"))
        for argv in (["airflow", "db", "migrate"], ["python", str(ROWS), "fill"]):
            done = pod.run(*argv)
            assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
        sql(started, "ALTER DATABASE airflow RENAME TO full_one")
        yield started


@pytest.fixture
def database(server: Server) -> Iterator[Server]:
    """The server with a fresh copy of the rows."""
    sql(server, "CREATE DATABASE airflow TEMPLATE full_one OWNER with_proxy")
    yield server
    sql(server, "DROP DATABASE airflow WITH (FORCE)")


def test_old_rows_go_and_young_ones_and_the_last_scheduled_run_stay(database: Server, tmp_path: Path) -> None:
    pod = Pod(database, tmp_path)
    done = pod.clean()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert pod.left() == {
        "runs": YOUNG,
        "tasks": [2],
        "xcoms": [2],
        "log": [2],
        "versions": 2,  # the last of each DAG, however old; the young task needs one of them
        "archives": [],
    }


def test_archived_rows_stay_until_the_next_run(database: Server, tmp_path: Path) -> None:
    pod = Pod(database, tmp_path, "databaseCleanup.archive=next-run", "databaseCleanup.tables={log}")
    assert pod.clean().returncode == 0
    assert pod.left()["archives"] == ["log"]
    again = pod.clean()
    assert "dropped 1 tables of deleted rows" in again.stdout
    assert pod.left()["archives"] == []


def test_the_table_that_is_left_out_would_fail(database: Server, tmp_path: Path) -> None:
    """apache/airflow#71864. Once Airflow can clean `dag`, it belongs into the default of `databaseCleanup.tables`."""
    pod = Pod(database, tmp_path, "databaseCleanup.tables={dag}")
    done = pod.clean()
    assert done.returncode == 1
    assert "task_instance_dag_version_id_fkey" in done.stdout
    assert "ERROR: airflow db clean ended with 1" in done.stdout
    assert pod.left()["archives"] == []


@contextmanager
def migration(server: Server) -> Iterator[None]:
    """Hold the lock of the migrations."""
    login = ["-h", str(server.folder), "-p", str(server.port), "-U", "owner", "-d", "airflow", "-qtA"]
    with subprocess.Popen(
        [str(program("psql")), *login], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as psql:
        assert psql.stdin
        assert psql.stdout
        psql.stdin.write("SELECT pg_advisory_lock(1802073197);\n\\echo held\n")
        psql.stdin.flush()
        while "held" not in psql.stdout.readline():
            pass
        yield
        psql.stdin.close()


def test_it_waits_while_a_migration_runs(database: Server, tmp_path: Path) -> None:
    pod = Pod(database, tmp_path, "databaseCleanup.tables={log}")
    with migration(database):
        cleaning = subprocess.Popen(pod.args, env=pod.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert cleaning.stdout
        assert "waiting: the migrate Job of another revision runs" in cleaning.stdout.readline()
        assert pod.left()["log"] == [2, 400, 450, 500, 600]
    text, _ = cleaning.communicate(timeout=600)
    assert cleaning.returncode == 0, text
    assert pod.left()["log"] == [2]


def test_the_default_is_every_table_that_airflow_cleans_but_that_one(database: Server, tmp_path: Path) -> None:
    pod = Pod(database, tmp_path)
    code = "from airflow.utils.db_cleanup import config_dict; print(' '.join(config_dict))"
    known = pod.run("python", "-c", code).stdout.split()
    # `session` exists with FAB's auth manager only; the other keeps what a migration from Airflow 2 could not convert.
    assert {*DatabaseCleanup().tables} | {"dag", "_xcom_archive"} == {*known, "session"}
    assert re.search(r"--tables\n?.*dag_run", "\n".join(pod.args))
