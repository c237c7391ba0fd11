"""Logs of tasks as text, and where to find them: by DAG, task, run, try and map index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.deadline import Deadline, endless

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi

# Every event of a task repeats these; the reader asked for them.
_NOISE = frozenset(
    {"timestamp", "event", "level", "logger", "filename", "lineno", "map_index", "task_id", "run_id", "try_number"}
    | {"ti_id", "dag_id", "ti", "chan", "loc", "error_detail", "exc_info"}
)


_NOT_STARTED = frozenset({None, "", "none", "scheduled", "queued"})
"""States before a try begins; Airflow counts the try already, and its log endpoint answers with empty markers."""

_REMARKS = "::group::Log message source"
"""Begins the group of lines that Airflow puts before each log."""


def lines(event: Any) -> list[str]:
    """Return one log event as lines of text: time, level, message, what else it carries, traceback.

    Args:
        event: A dict of Airflow's structured log, or a plain string (a line that Airflow could not parse).
    """
    if not isinstance(event, dict):
        return [str(event)]
    head = " ".join(
        part for part in (str(event.get("timestamp") or "")[:23], str(event.get("level") or "").upper()) if part
    )
    more = " ".join(f"{k}={v}" for k, v in event.items() if k not in _NOISE and v is not None)
    text = " ".join(part for part in (head, str(event.get("event", "")), more) if part)
    return [*text.splitlines(), *_traceback(event.get("error_detail"))]


def _traceback(detail: Any) -> Iterator[str]:
    """Yield a structured traceback as Python prints one, outermost exception last."""
    for error in reversed(detail if isinstance(detail, list) else []):
        yield "Traceback (most recent call last):"
        for frame in error.get("frames") or []:
            yield f'  File "{frame.get("filename")}", line {frame.get("lineno")}, in {frame.get("name")}'
        yield f"{error.get('exc_type')}: {error.get('exc_value')}"


def find_task(api: AirflowApi, dag_id: str, task_id: str, run_id: str | None, map_index: int | None) -> dict[str, Any]:
    """Return the task instance that a user means.

    Args:
        api: A session with Airflow.
        dag_id: DAG.
        task_id: Task.
        run_id: Run; None means the newest.
        map_index: Mapped instance; None means the only one.

    Raises:
        KitError: `dag-missing`, `run-missing`, `task-missing`, `map-index-needed`; each names what there is.
    """
    if api.dag(dag_id) is None:
        raise no_dag(api, dag_id)
    runs = [r["dag_run_id"] for r in api.runs(dag_id, limit=20)]
    if not runs or (run_id and run_id not in runs and api.find_run(dag_id, run_id) is None):
        which = f"no run {run_id}" if run_id else "no run yet"
        raise _no("run-missing", f"DAG {dag_id} has {which}", "Newest runs", runs[:5], "Leave out --run for the newest")
    run = run_id or runs[0]
    found = api.task_instances(dag_id, run)
    mine = [t for t in found if t["task_id"] == task_id]
    if not mine:
        known = sorted({t["task_id"] for t in found})
        raise _no(
            "task-missing",
            f"Run {run} of DAG {dag_id} has no task {task_id}",
            "Its tasks",
            known,
            "--task NAME    # one of these",
        )
    if map_index is None and len(mine) == 1:
        return mine[0]
    indexes = [t["map_index"] for t in mine]
    if map_index not in indexes:
        words = "needs a --map-index" if map_index is None else f"has no map index {map_index}"
        known = [str(i) for i in sorted(indexes)]
        raise _no("map-index-needed", f"Task {task_id} of run {run} {words}", "Its map indexes", known, "--map-index N")
    return mine[indexes.index(map_index)]


def no_dag(api: AirflowApi, dag_id: str) -> KitError:
    """Make the error of a DAG that Airflow does not have; it names those that there are."""
    known = sorted(d["dag_id"] for d in api.dags())
    fix = "kitctl status    # shows files that do not import"
    return _no("dag-missing", f"There is no DAG {dag_id}", "DAGs of the release", known, fix)


def number_of(task: dict[str, Any], try_number: int | None) -> int:
    """Return the try that a user means: the one that was named, or the last.

    Raises:
        KitError: `task-not-started`, or `try-missing` with the number of tries that there were.
    """
    last = int(task["try_number"] or 0)
    number = try_number or last
    if last < 1 or (number == last and task["state"] in _NOT_STARTED):
        raise _not_started(task, last)
    if not 1 <= number <= last:
        raise _no(
            "try-missing", f"Task {task['task_id']} has no try {number}", "Its tries", [f"1 to {last}"], "--try N"
        )
    return number


def has_lines(events: list[Any]) -> bool:
    """Tell whether a log holds more than Airflow's own remarks on where it looked for it."""
    inside = False
    for event in events:
        text = str(event.get("event", "")) if isinstance(event, dict) else str(event)
        if text.startswith(_REMARKS):
            inside = True
        elif not inside:
            return True
        elif text == "::endgroup::":
            inside = False
    return False


def read(
    api: AirflowApi,
    task: dict[str, Any],
    try_number: int | None,
    write: Callable[[str], object],
    *,
    follow: bool = False,
    tail: int | None = None,
    form: Callable[[Any], list[str]] = lines,
    deadline: Deadline | None = None,
) -> bool:
    """Write the log of one task instance, line by line; nothing if it holds only what Airflow says of where it looked.

    Args:
        api: A session with Airflow.
        task: A task instance, as `find_task` returns it.
        try_number: Which try; None means the last.
        write: Takes one line without its end.
        follow: Go on until the task has ended.
        tail: Number of lines to show of the log so far, counted from its end; None means all.
        form: Turns one event of the log into the lines to write.
        deadline: How long to follow; None means for as long as the task runs.

    Returns:
        Whether the try has a log.

    Raises:
        KitError: as `number_of`.
    """
    number = number_of(task, try_number)
    where = (task["dag_id"], task["dag_run_id"], task["task_id"], number, int(task["map_index"]))
    deadline = deadline or endless()

    def begun() -> tuple[list[Any], str | None] | None:
        found = api.task_log(*where)
        to_come = follow and found[1] and not has_lines(found[0])  # its first line is still to come
        return None if to_come else found

    events, token = deadline.until(begun, every=1.0) or ([], None)
    if not has_lines(events):
        return False
    held = [line for event in events for line in form(event)]
    for line in held if tail is None else held[max(0, len(held) - tail) :]:
        write(line)

    def ended() -> bool | None:
        nonlocal token
        more, token = api.task_log(*where, token=token)
        for line in (line for event in more for line in form(event)):
            write(line)
        return not token or None

    if token and follow:  # a token without an end of the log: the task still runs
        deadline.pause(1.0)
        deadline.until(ended, every=1.0)
    return True


def _not_started(task: dict[str, Any], last: int) -> KitError:
    state = task["state"] or "not scheduled yet"
    earlier = f"\n--try {last - 1}    # the log of the try before" if last > 1 else ""
    return KitError(
        "task-not-started",
        f"Task {task['task_id']} has not started: it is {state}",
        cause="A log exists from the moment when the pod of the task starts",
        fix=f"kitctl status --watch{earlier}",
    )


def _no(error_id: str, message: str, kind: str, known: list[str], fix: str) -> KitError:
    some = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")  # noqa: PLR2004
    return KitError(error_id, message, cause=f"{kind}: {some or 'none'}", fix=fix, code=ExitCode.FAILURE)
