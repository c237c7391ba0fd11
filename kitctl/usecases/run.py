"""Run a DAG once: start the run, tell the states of its tasks as they change, and show the logs of those that fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kitctl.errors import ExitCode, KitError
from kitctl.release.handle import Release
from kitctl.release.tasks import runs
from kitctl.release.tasks.logs import no_dag
from kitctl.release.tasks.reasons import reasons
from kitctl.tools.deadline import Deadline

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi

_SHOWN = 5  # failed tasks whose log an error shows


@dataclass(frozen=True)
class TaskState:
    """The last state of a task instance; `map_index` is -1 for a task that is not mapped."""

    task: str
    map_index: int
    state: str | None
    try_number: int


@dataclass(frozen=True)
class RunReport:
    """The report of `kitctl run`.

    Attributes:
        dag: DAG.
        run: Id of the run; "" with --dry-run.
        state: State of the run: success, or, with --no-wait, queued or running; "" with --dry-run.
        seconds: How long it was followed.
        tasks: Its task instances; none with --no-wait and --dry-run.
    """

    dag: str
    run: str
    state: str
    seconds: float
    tasks: list[TaskState]


def run(
    release: Release, dag_id: str, conf: Mapping[str, Any], note: Callable[[str], object], *, unpause: bool
) -> RunReport:
    """Start a run and follow it to its end, as long as the settings' timeout.

    Args:
        release: The release.
        dag_id: DAG.
        conf: What the run gets.
        note: Takes one line for each change.
        unpause: Unpause the DAG where it is paused, so that its schedule starts too.

    Raises:
        KitError: `dag-missing`, `dag-paused`, `dag-not-imported`; `run-failed` with the ends of the logs;
            `run-timeout` (code TIMEOUT) while the run goes on.
    """
    api, settings = release.api(), release.settings
    deadline = Deadline(settings.timeout)
    paused = _runnable(api, dag_id, unpause=unpause)
    if settings.dry_run:
        note(f"would run {dag_id}" + (" and unpause it" if paused else ""))
        return RunReport(dag_id, "", "", 0.0, [])
    if paused:
        api.unpause(dag_id)
    begin, run_id = deadline.now(), runs.new_id()
    started = api.trigger(dag_id, conf, run_id)
    if not settings.wait:
        return RunReport(dag_id, run_id, str(started["state"]), 0.0, [])
    note(f"run {run_id}: started; it goes on if kitctl ends")
    ended, tasks = runs.follow(api, dag_id, run_id, deadline, note)
    seconds = round(deadline.now() - begin, 1)
    if ended["state"] == "failed":
        raise _failed(release, api, ended, tasks)
    if ended["state"] != "success":
        raise _unfinished(release, api, ended, tasks, seconds)
    states = [TaskState(t["task_id"], int(t["map_index"]), t["state"], int(t["try_number"])) for t in tasks]
    return RunReport(dag_id, run_id, "success", seconds, states)


def _runnable(api: AirflowApi, dag_id: str, *, unpause: bool) -> bool:
    """Refuse a DAG that cannot run; return whether it has to be unpaused."""
    dag = api.dag(dag_id)
    if dag is None or dag.get("is_stale"):
        raise no_dag(api, dag_id)
    if dag.get("has_import_errors"):
        mine = [e for e in api.import_errors() if e.get("filename") == dag.get("relative_fileloc")]
        raise KitError(
            "dag-not-imported",
            f"The file of the DAG {dag_id} does not import",
            cause="\n".join(e["stack_trace"].strip() for e in mine) or "Airflow keeps an older version of the DAG",
            fix="kitctl dags check ./dags",
        )
    if dag.get("is_paused") and not unpause:
        raise KitError(
            "dag-paused",
            f"The DAG {dag_id} is paused",
            cause="A run of a paused DAG stays queued",
            fix=f"kitctl run {dag_id} --unpause    # its schedule starts too",
        )
    return bool(dag.get("is_paused"))


def _failed(release: Release, api: AirflowApi, ended: dict[str, Any], tasks: list[dict[str, Any]]) -> KitError:
    failed = [task for task in tasks if task["state"] == "failed"]
    dag_id, run_id = ended["dag_id"], ended["dag_run_id"]
    cause = [_states(tasks)]
    for task in failed[:_SHOWN]:
        tried = int(task["try_number"])
        shown = runs.log_end(api, dag_id, run_id, task) or (
            reasons(release, api, task, tried, log=False) if tried else []
        )
        cause += [f"{runs.title(task)}, try {tried}:", *(f"  {line}" for line in shown or ["it has no log"])]
    if len(failed) > _SHOWN:
        cause.append(f"and {len(failed) - _SHOWN} more failed tasks")
    first = failed[0] if failed else None
    index = f" --map-index {first['map_index']}" if first and int(first["map_index"]) >= 0 else ""
    log = f"kitctl logs --dag {dag_id} --task {first['task_id']} --run {run_id}{index}" if first else ""
    return KitError(
        "run-failed",
        f"The run {run_id} of the DAG {dag_id} failed",
        cause="\n".join(cause),
        fix=log or "kitctl logs scheduler",
    )


def _unfinished(
    release: Release, api: AirflowApi, run: dict[str, Any], tasks: list[dict[str, Any]], seconds: float
) -> KitError:
    waits = next((task for task in tasks if task["state"] == "queued"), None)
    known = reasons(release, api, waits, int(waits["try_number"]), log=False) if waits else []
    return KitError(
        "run-timeout",
        f"The run {run['dag_run_id']} of the DAG {run['dag_id']} is still {run['state']} after {seconds:.0f} s",
        cause="\n".join([_states(tasks), *known]),
        fix="kitctl status --watch    # the run goes on; or follow longer: --timeout SECONDS",
        code=ExitCode.TIMEOUT,
    )


def _states(tasks: list[dict[str, Any]]) -> str:
    return "Its tasks: " + ", ".join(f"{runs.title(t)} {t['state'] or 'not scheduled'}" for t in tasks)
