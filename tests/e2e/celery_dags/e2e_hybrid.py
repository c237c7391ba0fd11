"""Two tasks of one DAG in two executors."""

from __future__ import annotations

import socket

from airflow.sdk import dag, task

# ruff: noqa: T201 - what it prints is the log of the task


def _here() -> None:
    print(f"runs on {socket.gethostname()}", flush=True)


@dag(schedule=None, tags=["e2e"])
def e2e_hybrid():
    """Run one task by the executor of the release, and one in a pod of its own."""

    @task
    def default() -> None:
        _here()

    @task(executor="KubernetesExecutor")
    def in_a_pod() -> None:
        _here()

    default() >> in_a_pod()


e2e_hybrid()
