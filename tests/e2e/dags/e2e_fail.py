"""A task that fails, and says why."""

from __future__ import annotations

from airflow.sdk import dag, task


@dag(schedule=None, catchup=False, tags=["e2e"])
def e2e_fail() -> None:
    @task(retries=0)
    def broken() -> None:
        msg = "e2e-reason: this task is meant to fail"
        raise ValueError(msg)

    broken()


e2e_fail()
