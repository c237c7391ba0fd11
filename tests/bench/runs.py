"""DAG runs on the release: a chain for latency, a fan-out for throughput and cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kitctl.tools.airflow.api import AirflowApi
from tests.bench.figures import Figure, percentile
from tests.bench.node import PodUsage
from tests.bench.stages import stages, watched
from tests.e2e.kit import Kit, finish, start_run

CHAINS = 3
GIT_MODES = {"git", "bundle"}
GIT_ALLOWANCE = 0.7
"""Seconds that a git mode may take longer until a task runs."""


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _waits(tasks: list[dict[str, Any]]) -> list[float]:
    """Return the seconds between queued and running of each task."""
    return [(_time(t["start_date"]) - _time(t["queued_when"])).total_seconds() for t in tasks]


def span(tasks: list[dict[str, Any]]) -> float:
    """Return the seconds from the first task that was scheduled to the last that ended."""
    begin = min(_time(t["scheduled_when"] or t["queued_when"]) for t in tasks)
    return (max(_time(t["end_date"]) for t in tasks) - begin).total_seconds()


def run_tasks(api: AirflowApi, dag_id: str, timeout: float) -> list[dict[str, Any]]:
    """Run a DAG to its end, which must be a good one within `timeout` seconds, and return its task instances."""
    run_id = start_run(api, dag_id)
    state = finish(api, dag_id, run_id, timeout=timeout)
    assert state == "success", f"{dag_id} ended as {state}"
    return api.task_instances(dag_id, run_id)


def chain(kit: Kit, dag_mode: str) -> Iterator[Figure]:
    """Measure the latency of single tasks over some runs of the chain."""
    api = kit.api()
    run_tasks(api, "bench_chain", 300)  # warm: first pods of an image read it from disk
    tasks, spans = [], 0.0
    with watched(kit) as log:
        for _ in range(CHAINS):
            latest = run_tasks(api, "bench_chain", 300)
            tasks += latest
            spans += span(latest)
    waits, count = _waits(tasks), len(tasks)
    more = GIT_ALLOWANCE if dag_mode in GIT_MODES else 0.0
    how = f"{CHAINS} runs of 8 tasks, mode {dag_mode}"
    yield Figure("chain: queued to running, p50", percentile(waits, 0.5), "s", 1.5 + more, note=how)
    yield Figure("chain: queued to running, max", max(waits), "s", 2.5 + more, note=how)
    yield Figure("chain: tasks a minute", 60 * count / spans, "tasks", best="high", note=how)
    yield from stages(tasks, log)


def fan_out(api: AirflowApi, usage: PodUsage, idle: float | None) -> Iterator[Figure]:
    """Measure throughput, CPU per task and leaked slots of the fan-out.

    Args:
        api: The release.
        usage: CPU of the node's pods.
        idle: Cores that they use while nothing runs; None where it cannot be measured.
    """
    before = usage.seconds() if idle is not None else 0.0
    tasks = run_tasks(api, "bench_fan_out", 600)
    after = usage.seconds() if idle is not None else 0.0
    seconds, waits = span(tasks), _waits(tasks)
    failed = [t for t in tasks if t["state"] != "success" or t["try_number"] != 1]
    how = f"{len(tasks)} no-op tasks in {seconds:.0f} s"
    yield Figure("fan-out: tasks a minute", 60 * len(tasks) / seconds, "tasks", 60, "high", how)
    yield Figure("fan-out: queued to running, p50", percentile(waits, 0.5), "s", note=how)
    yield Figure("fan-out: failed or repeated", len(failed), "tasks", 0, note=how)
    if idle is not None:
        cost = (after - before - idle * seconds) / len(tasks)
        yield Figure("CPU per task, all pods", cost, "CPU-s", 1.0, note="less the idle CPU of the same time")
    else:
        yield Figure("CPU per task, all pods", None, "CPU-s", 1.0, note="needs the built-in node on this machine")
    pools = api.all("/api/v2/pools", "pools", {})
    leaked = sum(p["slots"] - p["open_slots"] for p in pools if p["slots"] > 0)
    yield Figure("fan-out: pool slots still taken", leaked, "slots", 0, note="after its end")
