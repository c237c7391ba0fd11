"""Eight no-op tasks, one after the other: what a task costs in time before it runs."""

from __future__ import annotations

from airflow.sdk import dag, task

LENGTH = 8


@dag(schedule=None, catchup=False, tags=["bench"])
def bench_chain() -> None:
    @task
    def step() -> None:
        """Do nothing."""

    before = None
    for number in range(LENGTH):
        now = step.override(task_id=f"step_{number}")()
        if before is not None:
            before >> now
        before = now


bench_chain()
