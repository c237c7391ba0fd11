"""Thirty no-op tasks at once: how many a machine takes in a minute, and what each costs."""

from __future__ import annotations

from airflow.sdk import dag, task

WIDTH = 30


@dag(schedule=None, catchup=False, tags=["bench"], max_active_tasks=WIDTH)
def bench_fan_out() -> None:
    @task
    def work(number: int) -> None:
        """Do nothing."""

    work.expand(number=list(range(WIDTH)))


bench_fan_out()
