"""What a support archive holds of Airflow: the logs of tasks that failed lately."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kitctl.errors import KitError
from kitctl.release.handle import Release
from kitctl.release.tasks.logs import lines
from kitctl.release.tasks.runs import title
from kitctl.usecases.bundle.archive import Archive

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi

RUNS, TASKS = 5, 20
"""Failed runs that are looked at, and tasks of all of them together."""
_FAILED = frozenset({"failed", "up_for_retry"})


def add_task_logs(archive: Archive, release: Release, note: Callable[[str], None]) -> None:
    """Add the log of the last try of each task that failed in the newest failed runs.

    Raises:
        KitError: if Airflow does not answer.
    """
    api = release.api()
    left = TASKS
    for run in api.failed_runs(RUNS):
        dag, run_id = str(run["dag_id"]), str(run["dag_run_id"])
        failed = [task for task in api.task_instances(dag, run_id) if task["state"] in _FAILED]
        for task in failed[:left]:
            note(f"log of {dag} {title(task)}")
            file = f"task-logs/{_name(dag)}/{_name(run_id)}/{_name(title(task))}.log"
            try:
                archive.lines(file, _log(api, dag, run_id, task))
            except KitError as error:
                archive.missing.append(f"{file}: {error.message}")
        left -= min(left, len(failed))


def _log(api: AirflowApi, dag: str, run: str, task: dict[str, Any]) -> str:
    number = max(1, int(task["try_number"]))
    events, _ = api.task_log(dag, run, task["task_id"], number, int(task.get("map_index", -1)))
    return "\n".join(line for event in events for line in lines(event))


def _name(text: str) -> str:
    """Return a name for a file or folder: run ids have colons, and DAG ids may have anything."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in text).strip(".") or "_"
