"""Tasks that autoscalers react to: one that uses CPU, some that wait in a queue, one of another executor there."""

from __future__ import annotations

import socket
import time

from airflow.sdk import dag, task

# ruff: noqa: T201 - what it prints is the log of the task


@dag(schedule=None, tags=["e2e"])
def e2e_scaling_cpu():
    """Keep one core busy for 100 seconds."""

    @task
    def burn() -> None:
        end = time.monotonic() + 100
        while time.monotonic() < end:
            sum(range(100_000))
        print("came to its end", flush=True)

    burn()


@dag(schedule=None, tags=["e2e"])
def e2e_scaling_queue():
    """Run four tasks of 15 seconds in a queue of its own."""

    @task(queue="batch")
    def wait(number: int) -> str:
        time.sleep(15)
        print(f"{number} ran on {socket.gethostname()}", flush=True)
        return socket.gethostname()

    wait.expand(number=list(range(4)))


@dag(schedule=None, tags=["e2e"])
def e2e_scaling_other():
    """Run a task of 30 seconds in the queue's name, in a pod of its own."""

    @task(queue="batch", executor="KubernetesExecutor")
    def wait() -> None:
        time.sleep(30)

    wait()


e2e_scaling_cpu()
e2e_scaling_queue()
e2e_scaling_other()
