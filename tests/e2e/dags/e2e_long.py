"""Tasks that run for a while and may not be repeated: whatever happens meanwhile, each must end at its first try."""

from __future__ import annotations

import time

from airflow.sdk import dag, get_current_context, task

STEP = 2


@dag(schedule=None, catchup=False, tags=["e2e"])
def e2e_long() -> None:
    @task(retries=0)
    def work(number: int) -> str:
        seconds = int(get_current_context()["dag_run"].conf.get("seconds", 30))
        for done in range(0, seconds, STEP):
            print(f"worker {number}: {done} of {seconds} s", flush=True)
            time.sleep(STEP)
        print(f"worker {number}: done", flush=True)
        return f"done {number}"

    work.expand(number=[0, 1, 2])


e2e_long()
