"""The smoke run: one DAG of two tasks that proves parsing, scheduling, a pod per task, XCom and logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kitctl.errors import ExitCode, KitError
from kitctl.release.tasks import runs
from kitctl.tools.deadline import Deadline

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi

DAG = "kit_smoke"
BUNDLE = "kit-smoke"


@dataclass(frozen=True)
class SmokeRun:
    """A smoke run that ended green.

    Attributes:
        run_id: Its id.
        state: Its state, "success".
        seconds: How long it took, parsing included.
        tasks: State of each task by its id.
    """

    run_id: str
    state: str
    seconds: float
    tasks: dict[str, str]


Why = Callable[[dict[str, Any]], list[str]]


def nothing(task: dict[str, Any]) -> list[str]:
    """Know nothing about a task."""
    return []


def run_smoke(api: AirflowApi, progress: Callable[[str], None], deadline: Deadline, why: Why = nothing) -> SmokeRun:
    """Run the smoke DAG once and wait for it.

    Args:
        api: A session with Airflow.
        progress: Takes one line per step.
        deadline: Limit of the whole, parsing included.
        why: Says why a task has no log.

    Raises:
        KitError: `smoke-not-parsed` or `smoke-failed` (code UNHEALTHY), the latter with the end of the failed task's
            log; `smoke-timeout` (code TIMEOUT).
    """
    begin = deadline.now()
    _wait_parsed(api, progress, deadline)
    api.unpause(DAG)
    run_id = runs.new_id()
    api.trigger(DAG, run_id=run_id)
    told = ""

    def tell(run: dict[str, Any]) -> None:
        nonlocal told
        if run["state"] != told:
            told = run["state"]
            progress(f"smoke run {run_id}: {told}")

    run = api.wait_run(DAG, run_id, deadline, tell)
    tasks = api.task_instances(DAG, run_id)
    seconds = deadline.now() - begin
    if run["state"] != "success":
        raise _not_green(api, run, tasks, seconds, why)
    return SmokeRun(run_id, run["state"], round(seconds, 1), {t["task_id"]: t["state"] for t in tasks})


def _wait_parsed(api: AirflowApi, progress: Callable[[str], None], deadline: Deadline) -> None:
    """Wait until the DAG processor has parsed the DAG; a stale one (of an older release) does not count."""

    def parsed() -> bool | None:
        dag = api.dag(DAG)
        if dag and not dag.get("is_stale") and not dag.get("has_import_errors"):
            return True
        own = [e for e in api.import_errors() if e.get("bundle_name") == BUNDLE]
        if own:
            raise _not_parsed(own[0]["stack_trace"])
        progress(f"waiting until {DAG} is parsed")
        return None

    if not deadline.until(parsed):
        raise _not_parsed("The DAG processor did not read it in time")


def _not_parsed(cause: str) -> KitError:
    return KitError(
        "smoke-not-parsed",
        f"The smoke DAG {DAG} was not parsed",
        cause=cause,
        fix="kitctl logs dag-processor\nA release of plain Helm has it only with --set smoke.enabled=true",
        code=ExitCode.UNHEALTHY,
    )


def _not_green(
    api: AirflowApi, run: dict[str, Any], tasks: list[dict[str, Any]], timeout_seconds: float, why: Why
) -> KitError:
    run_id = run["dag_run_id"]
    states = ", ".join(f"{t['task_id']} {t['state'] or 'not scheduled'}" for t in tasks)
    failed = next((t for t in tasks if t["state"] == "failed"), None)
    if run["state"] != "failed":
        waits = next((t for t in tasks if t["state"] == "queued"), None)
        return KitError(
            "smoke-timeout",
            f"The smoke run {run_id} is still {run['state']} after {timeout_seconds:.0f} s",
            cause="\n".join([f"Its tasks: {states}", *(why(waits) if waits else [])]),
            fix="kitctl status    # shows pods that cannot start; or try again with a longer --timeout",
            code=ExitCode.TIMEOUT,
        )
    cause, fix = f"Its tasks: {states}", "kitctl logs scheduler"
    if failed:
        cause = "\n".join([cause, *(runs.log_end(api, DAG, run_id, failed) or why(failed))])
        fix = f"kitctl logs --dag {DAG} --task {failed['task_id']} --run {run_id}"
    return KitError("smoke-failed", f"The smoke run {run_id} failed", cause=cause, fix=fix, code=ExitCode.UNHEALTHY)
