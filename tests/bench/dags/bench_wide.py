"""A hundred no-op tasks at once, more than a small node can start together: does the API go on answering?"""

from __future__ import annotations

from airflow.sdk import dag, task

WIDTH = 100


@dag(schedule=None, catchup=False, tags=["bench"], max_active_tasks=WIDTH)
def bench_wide() -> None:
    @task
    def work(number: int) -> None:
        """Do nothing."""

    work.expand(number=list(range(WIDTH)))


bench_wide()
