"""Why a try of a task has no log, or was ended from outside.

Four places know a part of it. Airflow's event log says what the executor reported, and keeps it. A pod that exists
still says why it does not run. Its events are kept for an hour. The names of pods that are gone are in the log of the
scheduler.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kitctl.errors import KitError
from kitctl.release import git_sync
from kitctl.release.handle import Release
from kitctl.release.tasks.pods import executor_namespace, pods_of_try
from kitctl.tools.kube.rights import unless_forbidden

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi
    from kitctl.tools.kube.objects import Pod

EVENTS = ("state mismatch", "stuck in queued reschedule", "stuck in queued tries exceeded", "heartbeat timeout")
"""Rows of Airflow's event log about a task that did not end by itself."""

_SCHEDULER_LINES = 4000
"""Lines of the scheduler's log that are searched: an hour of a busy release."""

_WORDS = 600
"""Characters of one reason: a refusal of the API server can quote a whole pod."""

_LOG_LINES = 10

_SAID = re.compile(
    r"fatal reason|failed in pod|Kube ApiException|failed before the task process started|Failed to start pod"
    r"|Invalid executor_config|Mutation Hook failed|Pod reconciliation failed"
)
"""Lines of the KubernetesExecutor that give a reason."""

_BODY = re.compile(r"HTTP response body: (.*)", re.DOTALL)
_REASON = re.compile(r"Reason: (.*)")
_NO_REASON = {"", "Pod failed because of None"}


def reasons(release: Release, api: AirflowApi, task: dict[str, Any], number: int, *, log: bool) -> list[str]:
    """Return what is known, the most durable source first.

    Args:
        release: The release.
        api: A session with Airflow.
        task: A task instance of Airflow's API.
        number: The try.
        log: Whether the try has a log; then only what ended it from outside counts.

    Returns:
        One text each, which may have several lines; [] if nothing is known.
    """
    rows = event_rows(api, task, number)
    pods = pods_of_try(release, task, number)
    found = [words for row in rows if (words := event_words(row))]
    found += [words for pod in pods if (words := _pod_words(release, pod))]
    if rows or not log:
        names, said = _scheduler_words(release, task, number)
        found += said
        for name in dict.fromkeys([*(pod.name for pod in pods), *names]):
            found += _event_words(release, name, also_waits=not log)
    return _told_once(found)


def event_rows(api: AirflowApi, task: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """Return the rows of Airflow's event log that tell how a try ended, oldest first; [] where they may not be read."""
    ids = {"dag_id": task["dag_id"], "task_id": task["task_id"], "run_id": task["dag_run_id"]}
    try:
        found = api.event_logs(EVENTS, **ids, map_index=task["map_index"], try_number=number)
    except KitError as error:
        if error.id != "api-refused":
            raise
        return []
    return found[::-1]


def event_words(row: dict[str, Any]) -> str:
    """Return the reason that a row of the event log gives, "" if it gives none."""
    extra = str(row.get("extra") or "")
    if row.get("event") != "state mismatch":
        return extra[:_WORDS]
    words = _refusal(extra.partition("Extra info: ")[2].strip())
    return "" if words in _NO_REASON else words[:_WORDS]


def _refusal(text: str) -> str:
    """Return the API server's own sentence from the text of an exception of the Kubernetes client."""
    body = _BODY.search(text)
    if body is None:
        return text
    try:
        # kubernetes_asyncio keeps the body as bytes, so the text holds their literal.
        raw = ast.literal_eval(body[1].strip()) if body[1].startswith(("b'", 'b"')) else body[1]
        return str(json.loads(raw)["message"])
    except (ValueError, SyntaxError, KeyError, TypeError):
        reason = _REASON.search(text)
        return f"{reason[1].strip()}: {body[1].strip()}" if reason else body[1].strip()


def _pod_words(release: Release, pod: Pod) -> str:
    """Return what a pod says about itself, with the last lines of the container that failed; "" if nothing is wrong."""
    if not pod.reason:
        return _retries(release, pod) if pod.phase == "Pending" else ""
    where = f"container {pod.container} of pod {pod.name}" if pod.container else f"pod {pod.name}"
    text = f"{where}: {pod.reason}" + (f": {pod.message}" if pod.message else "")
    if not pod.container or pod.container == "base":  # what `base` writes is the log of the task
        return text[:_WORDS]
    log = unless_forbidden(lambda: release.kube.pod_log(pod.namespace, pod.name, pod.container, tail=_LOG_LINES), "")
    return "\n".join([text[:_WORDS], *(f"  {line}" for line in git_sync.log_words(log).splitlines())])


def _retries(release: Release, pod: Pod) -> str:
    """Return why the git-sync of a pod that has not started tries again; "" without one, or while nothing failed."""
    log = unless_forbidden(lambda: release.kube.pod_log(pod.namespace, pod.name, git_sync.ONCE, tail=_LOG_LINES), "")
    errors = git_sync.errors(log)
    return f"container {git_sync.ONCE} of pod {pod.name}: {errors[-1]}" if errors else ""


def _event_words(release: Release, name: str, *, also_waits: bool) -> list[str]:
    """Return the warnings among a pod's events; that it waited for a place counts only for a pod that never ran."""
    found = unless_forbidden(lambda: release.kube.events(executor_namespace(release), name), [])
    passed = () if also_waits else ("FailedScheduling",)
    warnings = [e for e in found if e.get("type") == "Warning" and e.get("reason") not in passed]
    return [f"event of pod {name}: {e.get('reason')}: {e.get('message', '')}"[:_WORDS] for e in warnings[-5:]]


def _scheduler_words(release: Release, task: dict[str, Any], number: int) -> tuple[list[str], list[str]]:
    """Return the names of the pods that the scheduler made for a try, and its lines that give a reason."""
    key = (
        f"TaskInstanceKey(dag_id={task['dag_id']!r}, task_id={task['task_id']!r}, run_id={task['dag_run_id']!r}, "
        f"try_number={number}, map_index={task['map_index']})"
    )
    lines = list(_scheduler_log(release))
    made = re.compile(re.escape(key) + r", with pod name ([a-z0-9.-]+)")
    names = [found[1].rstrip(".") for line in lines if (found := made.search(line))]
    mine = (line for line in lines if key in line or any(name in line for name in names))
    return names, [f"scheduler: {line.strip()}"[:_WORDS] for line in mine if _SAID.search(line)]


def _scheduler_log(release: Release) -> Iterator[str]:
    """Yield the last lines of the schedulers, those before a restart first."""
    selector = f"{release.selector},app.kubernetes.io/component=scheduler"
    for pod in unless_forbidden(lambda: release.kube.pods(release.settings.namespace, selector), []):
        for previous in [True, False] if pod.restarts else [False]:

            def look(name: str = pod.name, namespace: str = pod.namespace, *, before: bool = previous) -> str:
                return release.kube.pod_log(namespace, name, "scheduler", tail=_SCHEDULER_LINES, previous=before)

            yield from unless_forbidden(look, "").splitlines()


def _told_once(found: list[str]) -> list[str]:
    """Drop what another text contains: an event often repeats the words of the pod."""
    kept: list[str] = []
    for text in found:
        core = text.split(": ", 1)[-1]
        if not any(core in other for other in kept):
            kept.append(text)
    return kept
