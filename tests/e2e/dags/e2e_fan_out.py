"""Fan-out by dynamic mapping: one task makes a list, one mapped task works on each item, one adds up.

The last also writes where matplotlib and pip keep their files: into the home, on a read-only root file system.
"""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import dag, get_current_context, task


@dag(schedule=None, catchup=False, tags=["e2e"])
def e2e_fan_out() -> None:
    @task
    def numbers() -> list[int]:
        return list(range(int(get_current_context()["dag_run"].conf.get("count", 4))))

    @task
    def square(number: int) -> int:
        print(f"square of {number} is {number * number}")
        return number * number

    @task
    def total(found: list[int]) -> int:
        for folder in (".cache", ".config"):
            file = Path.home() / folder / "e2e" / "file.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("kept")
            print(f"e2e-home={file}: {file.read_text()}")
        print(f"e2e-total={sum(found)}")
        return sum(found)

    total(square.expand(number=numbers()))


e2e_fan_out()
