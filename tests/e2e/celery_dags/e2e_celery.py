"""Tasks for Celery workers: one that says where it runs, many that count themselves, one that takes its time."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from airflow.sdk import dag, get_current_context, task

# ruff: noqa: T201 - what it prints is the log of the task


def _here() -> str:
    print(f"runs on {socket.gethostname()}", flush=True)
    return socket.gethostname()


@dag(schedule=None, tags=["e2e"])
def e2e_celery():
    """Say where the task runs."""

    @task
    def where() -> str:
        return _here()

    where()


@dag(schedule=None, tags=["e2e"], max_active_tasks=16)
def e2e_celery_many():
    """Run many tasks; each execution leaves a line, so that one that was lost or ran twice shows."""

    @task
    def count(number: int) -> None:
        run = get_current_context()["run_id"].replace(":", "-").replace("+", "-")
        line = os.open(Path("/opt/airflow/logs") / f"count-{run}.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o664)
        os.write(line, f"{number}\n".encode())
        os.close(line)
        time.sleep(3)

    count.expand(number=list(range(32)))


@dag(schedule=None, tags=["e2e"])
def e2e_celery_patient():
    """Take 60 seconds."""

    @task
    def wait() -> None:
        _here()
        time.sleep(60)
        print("came to its end", flush=True)

    wait()


e2e_celery()
e2e_celery_many()
e2e_celery_patient()
