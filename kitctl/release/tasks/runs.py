"""One run of a DAG: its id, the states of its tasks as they change, and how the logs of those that fail end."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kitctl.errors import KitError
from kitctl.release.tasks.logs import has_lines, lines
from kitctl.tools.deadline import Deadline

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi

_LOG_END = 15  # lines of a failed task's log that an error shows


def new_id() -> str:
    """Return an id for a run that kitctl starts."""
    return f"kitctl__{uuid.uuid4().hex[:12]}"


def title(task: dict[str, Any]) -> str:
    """Return how texts call a task instance, for example "extract" or "load[3]"."""
    index = int(task.get("map_index", -1))
    return str(task["task_id"]) if index < 0 else f"{task['task_id']}[{index}]"


def follow(
    api: AirflowApi, dag_id: str, run_id: str, deadline: Deadline, tell: Callable[[str], object]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Follow a run to its end, and tell each change of the state of the run and of a task.

    Args:
        api: A session with Airflow.
        dag_id: DAG.
        run_id: Run.
        deadline: How long to follow.
        tell: Takes one line for each change.

    Returns:
        The run, which is still queued or running when the time is over, and its task instances.
    """
    told: dict[str, str] = {}
    tasks: list[dict[str, Any]] = []

    def seen(run: dict[str, Any]) -> None:
        nonlocal tasks
        tasks = api.task_instances(dag_id, run_id)
        states = {f"run {run_id}": str(run["state"])}
        states |= {title(task): str(task["state"]) for task in tasks if task["state"]}
        for name, state in states.items():
            if told.get(name) != state:
                told[name] = state
                tell(f"{name}: {state}")

    return api.wait_run(dag_id, run_id, deadline, seen), tasks


def log_end(api: AirflowApi, dag_id: str, run_id: str, task: dict[str, Any]) -> list[str]:
    """Return the last lines of the log of a task's last try; [] for a task whose pod never started."""
    number = max(1, int(task["try_number"]))
    try:
        events, _ = api.task_log(dag_id, run_id, task["task_id"], number, int(task.get("map_index", -1)))
    except KitError as exc:
        return [f"Its log cannot be read: {exc.cause or exc.message}"]
    return [line for event in events for line in lines(event)][-_LOG_END:] if has_lines(events) else []
