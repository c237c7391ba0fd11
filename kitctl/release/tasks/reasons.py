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
from datetime import UTC, datetime, timedelta
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

_NAME = 54
"""Characters of the ids in the name of a pod; the executor keeps nine of 63 for the random end."""

_CLOCKS = timedelta(seconds=60)
"""By how much the clocks of Airflow and Kubernetes may differ, and an event may come later than the end of a task."""

_SAID_LINES = 5
_HEAD = re.compile(r"^\S+Z? \[\w+ *\] ")
_TAIL = re.compile(r" \[airflow\.[^\]]*\].*$")
_FAILED = re.compile(r"failed in pod [^\s/]+/(\S+)\. Pod phase: \w+, (.*)")
_PAIRS = re.compile(
    r"\b(reason|message|container_name|container_reason|container_message|exit_code): (.*?)(?=, \w+: |$)"
)
_GONE = ("(no details available)", "ContainerStatusUnknown")

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
        mine = [*(pod.name for pod in pods), *names] or _names_by_events(release, task, number)
        for name in dict.fromkeys(mine):
            found += _event_words(release, name, also_waits=not log)
        found += said
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


def _names_by_events(release: Release, task: dict[str, Any], number: int) -> list[str]:
    """Return the names of pods with warnings that fit a task in name and time.

    For a pod that is gone while the log of the scheduler begins later. The executor makes names of the ids and eight
    random characters, so mapped instances and runs at the same time cannot be told apart.
    """
    begin = str(task.get("queued_when") or "")
    if number != int(task["try_number"]) or not begin:
        return []
    first = datetime.fromisoformat(begin) - _CLOCKS
    last = (datetime.fromisoformat(str(task["end_date"])) if task.get("end_date") else datetime.now(UTC)) + _CLOCKS
    ids = f"{task['dag_id']}-{task['task_id']}".lower()
    name = re.compile(re.escape(re.sub("[^a-z0-9]+", "-", ids)[:_NAME].strip("-.")) + "-[a-z0-9]{8}")
    found = []
    for event in unless_forbidden(lambda: release.kube.events(executor_namespace(release)), []):
        about, time = event.get("involvedObject") or {}, event.get("lastTimestamp") or event.get("eventTime")
        fits = event.get("type") == "Warning" and about.get("kind") == "Pod" and name.fullmatch(about.get("name", ""))
        if fits and time and first <= datetime.fromisoformat(time) <= last:
            found.append(str(about["name"]))
    return found


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
    said = dict.fromkeys(_said(line) for line in mine if _SAID.search(line))
    return names, [f"scheduler: {text}"[:_WORDS] for text in said if text][-_SAID_LINES:]


def _said(line: str) -> str:
    """Return what a line of the scheduler says; "" for one that only repeats that a pod is gone."""
    text = _TAIL.sub("", _HEAD.sub("", line.strip()))
    failed = _FAILED.search(text)
    if any(words in text for words in _GONE):
        return ""
    if failed is None:
        return text
    told = {name: value for name, value in _PAIRS.findall(failed[2]) if value.strip() not in {"", "None"}}
    return f"pod {failed[1]}: " + ", ".join(f"{name} {value.strip()}" for name, value in told.items()) if told else ""


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
