"""Tasks in both executors that tell which release they belong to. Two releases run this DAG under the same run id."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from airflow.sdk import dag, get_current_context, task

# ruff: noqa: T201 - what it prints is the log of the task

TASKS = 3
SECONDS = 75


def _tell(seconds: int) -> str:
    """Tell the release, leave a line in the volume of its logs, and take some time."""
    release, context = os.environ["E2E_RELEASE"], get_current_context()
    ids = f"{context['ti'].task_id}[{context['ti'].map_index}]"
    print(f"task {ids} of the release {release} runs on {socket.gethostname()}", flush=True)
    line = os.open(f"/opt/airflow/logs/{context['run_id']}.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o664)
    os.write(line, f"{release} {ids}\n".encode())
    os.close(line)
    time.sleep(seconds)
    print(f"came to its end in {Path('/etc/hostname').read_text(encoding='utf-8').strip()}", flush=True)
    return release


@dag(schedule=None, tags=["e2e"])
def e2e_twins():
    """Run tasks in Celery workers and in pods side by side, and then one more of each."""

    @task
    def in_worker(number: int, seconds: int) -> str:
        return _tell(seconds)

    @task(executor="KubernetesExecutor")
    def in_pod(number: int, seconds: int) -> str:
        return _tell(seconds)

    long = [each.partial(seconds=SECONDS).expand(number=list(range(TASKS))) for each in (in_worker, in_pod)]
    short = [each.override(task_id=f"{each.function.__name__}_after")(0, 1) for each in (in_worker, in_pod)]
    for before in long:
        before >> short


e2e_twins()
