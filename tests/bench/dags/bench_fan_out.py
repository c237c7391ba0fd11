"""Many no-op tasks at once: how many a machine takes in a minute, what each costs, and how the API bears it."""

from __future__ import annotations

from airflow.sdk import DAG, dag, task


def fan_out(dag_id: str, width: int) -> DAG:
    """Make a DAG of so many tasks that are ready at the same time."""

    @dag(dag_id=dag_id, schedule=None, catchup=False, tags=["bench"], max_active_tasks=width)
    def bench() -> None:
        @task
        def work(number: int) -> None:
            """Do nothing."""

        work.expand(number=list(range(width)))

    return bench()


fan_out("bench_fan_out", 30)
# More than a small node can start together.
fan_out("bench_wide", 100)
