"""Tasks of the last hour that did not end by themselves, as Airflow's event log keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kitctl.release.tasks.reasons import EVENTS, event_words

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi

_RECENT = timedelta(hours=1)


@dataclass(frozen=True)
class PodFailure:
    """A try whose pod was refused, did not start in time, or was killed.

    Attributes:
        dag_id: DAG.
        task_id: Task.
        run_id: Run.
        map_index: Mapped instance; -1 for a task that is not mapped.
        try_number: From 1; 0 if unknown.
        time: When Airflow noticed (RFC 3339).
        reason: Why; "" if Airflow kept no reason.
    """

    dag_id: str
    task_id: str
    run_id: str
    map_index: int
    try_number: int
    time: str
    reason: str


def recent_failures(api: AirflowApi) -> list[PodFailure]:
    """Return those of the last hour, newest first; a try that was queued again several times counts once."""
    after = (datetime.now(UTC) - _RECENT).isoformat()
    found: dict[tuple[object, ...], PodFailure] = {}
    for row in api.event_logs(EVENTS, after=after):
        key = tuple(row.get(k) for k in ("dag_id", "task_id", "run_id", "map_index", "try_number"))
        found.setdefault(key, _failure(row))
    return list(found.values())


def _failure(row: dict[str, Any]) -> PodFailure:
    index = row.get("map_index")
    return PodFailure(
        dag_id=str(row.get("dag_id") or ""),
        task_id=str(row.get("task_id") or ""),
        run_id=str(row.get("run_id") or ""),
        map_index=-1 if index is None else int(index),
        try_number=int(row.get("try_number") or 0),
        time=str(row.get("when") or ""),
        reason=event_words(row),
    )
