"""git-sync in the pods of a release that keep running: where each one is, and whether its last sync failed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from kitctl.errors import KitError
from kitctl.release.handle import Release, setting
from kitctl.tools.kube.contexts import kubectl_argv
from kitctl.tools.kube.objects import COMPONENT
from kitctl.tools.kube.rights import unless_forbidden
from kitctl.tools.process import run

NAME = "git-sync"
"""Name of the sidecar."""

ONCE = "git-sync-init"
"""Name of the init container in the pods of tasks."""

ERROR_FILE = ".sync-error.json"
"""File below git-sync's root that it writes when a sync fails, and removes after the next one that succeeds."""

_SECONDS = 15.0
_LOG_LINES = 20
_LOOK = """
import json, os, sys
link, report = sys.argv[1:]
since = os.lstat(link).st_mtime if os.path.lexists(link) else 0
words = open(report, encoding="utf-8", errors="replace").read(20000) if os.path.exists(report) else ""
print(json.dumps([os.path.realpath(link), since, words]))
"""
_STDERR = re.compile(r'stderr: ("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True)
class Sync:
    """The git-sync of one pod.

    Attributes:
        component: The pod's component.
        pod: The pod.
        commit: What it checked out last; "" while there is none, or the pod cannot be asked.
        since: When its link was swapped to that, in seconds since 1970 by that pod's clock; 0 where that is not known.
        error: Why its last sync failed; "" if it did not.
        trouble: Why the pod could not be asked; "" where the question was answered.
    """

    component: str
    pod: str
    commit: str = ""
    since: float = 0.0
    error: str = ""
    trouble: str = ""


def syncs(release: Release, component: str = "") -> list[Sync]:
    """Ask every pod of the release that runs git-sync as a sidecar, sorted by component.

    Args:
        release: The release.
        component: Ask only pods of this component.
    """
    selector = f"{release.selector},{COMPONENT}={component}" if component else release.selector
    found = unless_forbidden(lambda: release.kube.list("Pod", release.settings.namespace, selector), [])
    pods = [p for p in found if _state(p) is not None and not p["metadata"].get("deletionTimestamp")]
    return [_ask(release, pod) for pod in sorted(pods, key=lambda p: (_component(p), p["metadata"]["name"]))]


def look_now(release: Release) -> None:
    """Ask every git-sync for a sync at once (SIGHUP).

    Its image has a shell but no program `kill`; the process 1 there hands the signal on to git-sync.
    """
    for sync in syncs(release):
        run(_exec(release, sync.pod, NAME, ["sh", "-c", "kill -HUP 1"]), check=False, timeout=30)


def log_words(log: str, last: int = 3) -> str:
    """Return the last lines of a log of git-sync that tell of errors, for people; of another log, its last lines.

    Args:
        log: Text of the log.
        last: How many lines.
    """
    lines = [line for line in log.splitlines() if line.strip()]
    return "\n".join((errors(log) or lines)[-last:])


def errors(log: str) -> list[str]:
    """Return the errors in a log of git-sync, each once."""
    return list(dict.fromkeys(words for line in log.splitlines() if (words := _error_words(line))))


def _error_words(text: str) -> str:
    """Return what a JSON object of git-sync (a line of its log, or its error file) says went wrong; "" without one."""
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    found = {key.lower(): str(value) for key, value in told.items() if value}
    error = found.get("err") or found.get("error", "")
    if not error:
        return ""
    # The command line and its output stand around git's own words, which are quoted as Go does it.
    quoted = _STDERR.search(error)
    words = _unquoted(quoted[1]) if quoted else ""
    return f"{found.get('msg', 'error')}: {words or error}"[:600]


def _component(pod: dict[str, Any]) -> str:
    return str((pod["metadata"].get("labels") or {}).get(COMPONENT, ""))


def _state(pod: dict[str, Any]) -> dict[str, Any] | None:
    """Return the status of the pod's git-sync, {} while it has none; None in a pod without git-sync."""
    containers = (pod.get("spec") or {}).get("initContainers") or []
    if not any(c["name"] == NAME for c in containers):
        return None
    found = (pod.get("status") or {}).get("initContainerStatuses") or []
    return next((dict(s) for s in found if s["name"] == NAME), {})


def _ask(release: Release, pod: dict[str, Any]) -> Sync:
    """Ask one pod: its main container, which sees git-sync's files, or git-sync's log until that container runs."""
    name, component = str(pod["metadata"]["name"]), _component(pod)
    state = _state(pod) or {}
    runs = "running" in (state.get("state") or {})
    if runs and state.get("started"):
        return _read(release, component, name)

    def look() -> str:
        return release.kube.pod_log(release.settings.namespace, name, NAME, tail=_LOG_LINES, previous=not runs)

    log = unless_forbidden(look, "") if state else ""
    # A first clone that takes its time is no error; a container that ended says why in its last line.
    return Sync(component, name, error=errors(log)[-1] if errors(log) else "" if runs else log_words(log, 1))


def _read(release: Release, component: str, pod: str) -> Sync:
    root = str(setting(release.values, "dags", "path") or "/opt/airflow/dags")
    argv = ["python3", "-I", "-c", _LOOK, f"{root}/repo", f"{root}/{ERROR_FILE}"]
    try:
        answer = run(_exec(release, pod, component, argv), check=False, timeout=min(_SECONDS, release.settings.timeout))
    except KitError as error:  # kubectl took too long
        return Sync(component, pod, trouble=error.message)
    if not answer.ok:
        return Sync(component, pod, trouble=answer.stderr.strip()[-500:])
    target, since, words = json.loads(answer.stdout)
    commit = str(target).rpartition("/")[2]
    why = _error_words(words) or words.strip()[:600]
    return Sync(component, pod, commit if commit != "repo" else "", since, why)  # a missing link resolves to itself


def _exec(release: Release, pod: str, container: str, command: list[str]) -> list[str]:
    start = [*kubectl_argv(release.kube.context, release.settings.kubeconfig), "-n", release.settings.namespace]
    return [*start, "exec", pod, "-c", container, "--", *command]


def _unquoted(text: str) -> str:
    """Return a string that Go quoted; it has escapes that JSON does not have, and then stays as it is."""
    try:
        return str(json.loads(text)).strip()
    except ValueError:
        return text
