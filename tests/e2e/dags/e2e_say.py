"""A task that prints what its run tells it to, and then fails."""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, get_current_context, task


@dag(schedule=None, catchup=False, tags=["e2e"])
def e2e_say() -> None:
    @task(retries=0)
    def say() -> None:
        run: Any = get_current_context()["dag_run"]
        print("e2e-said:", run.conf["words"])
        msg = "e2e-reason: this task is meant to fail"
        raise ValueError(msg)

    say()


e2e_say()
