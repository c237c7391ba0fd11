"""A task whose process crashes, as a broken C extension lets it."""

from __future__ import annotations

import ctypes

from airflow.sdk import dag, task


@dag(schedule=None, catchup=False, tags=["e2e"])
def e2e_crash() -> None:
    @task(retries=0)
    def crash() -> None:
        ctypes.string_at(0)

    crash()


e2e_crash()
