"""Waits until a release is ready, tells what it waits for, and gives up early on what time does not cure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.release import git_sync, wait_reasons
from kitctl.release.upgrade import migrate_again
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import INSTANCE, OURS, Job, Pod, Workload

_PATIENCE = {"kubernetes-refused", "cluster-unreachable"}
"""Errors of a single look that pass: an API server under load drops a request now and then."""

_LOOKS_LOST = 15
"""Failed looks in a row, about 30 s, until the cluster counts as gone."""


@dataclass(frozen=True)
class Goal:
    """What must become ready: names of workloads and of Jobs in one release."""

    namespace: str
    release: str
    workloads: frozenset[str]
    jobs: frozenset[str]


def goal(namespace: str, release: str, objects: Iterable[dict[str, Any]]) -> Goal:
    """Read from rendered objects what must become ready."""
    names: dict[str, set[str]] = {"Deployment": set(), "StatefulSet": set(), "Job": set()}
    for obj in objects:
        if obj["kind"] in names:
            names[obj["kind"]].add(obj["metadata"]["name"])
    return Goal(namespace, release, frozenset(names["Deployment"] | names["StatefulSet"]), frozenset(names["Job"]))


@dataclass
class Look:
    """One look at the release: its workloads, Jobs and pods, worker pods left out."""

    workloads: list[Workload]
    jobs: list[Job]
    pods: list[Pod]
    waiting: list[str] = field(default_factory=list)


def ready(kube: Kube, target: Goal, note: Callable[[str], None], deadline: Deadline) -> None:
    """Wait until every workload is ready and every Job complete.

    Args:
        kube: The cluster.
        target: What to wait for.
        note: Takes one line about what is missing.
        deadline: How long to wait.

    Raises:
        KitError: `image-pull-failed`, `container-crashes`, `container-config-wrong`, `pod-unschedulable`,
            `job-failed` (code UNHEALTHY) as soon as that is sure, `not-ready-in-time` (code TIMEOUT).
    """
    seen: dict[tuple[str, str], float] = {}
    lost, last = 0, Look([], [], [], ["the cluster to answer"])
    migrations = migrate_again.Watch(kube, target.namespace, note, deadline)

    def try_once() -> bool | None:
        nonlocal lost, last
        try:
            last, lost = look(kube, target), 0
        except KitError as error:
            lost += 1
            if error.id not in _PATIENCE or lost >= _LOOKS_LOST:
                raise
            deadline.pause(1.0)
            return None
        if not last.waiting:
            return True
        note(", ".join(last.waiting))
        wait_reasons.unblock(kube, target.namespace, last.pods)
        migrations.look(last.jobs, last.pods)
        if verdict := wait_reasons.hopeless(kube, last.pods, last.jobs, seen, deadline.now()):
            raise verdict
        return None

    if not deadline.until(try_once, every=1.0):
        raise _too_late(kube, target, last)


def look(kube: Kube, target: Goal) -> Look:
    """Look once, and list what is not ready."""
    workloads = [w for w in kube.workloads(target.namespace, target.release) if w.name in target.workloads]
    jobs = [j for j in kube.jobs(target.namespace, target.release) if j.name in target.jobs]
    pods = [
        p
        for p in kube.pods(target.namespace, f"{INSTANCE}={target.release},{OURS}")
        if p.component not in {"", "worker"}
    ]
    waiting = [f"{j.component or j.name}: {'failed' if j.failed else 'running'}" for j in jobs if not j.complete]
    waiting += [f"{name}: not there yet" for name in sorted(target.jobs - {j.name for j in jobs})]
    waiting += [f"{w.component} {_state(w)}{_why(w, pods)}" for w in workloads if not w.is_ready]
    waiting += [f"{name}: not there yet" for name in sorted(target.workloads - {w.name for w in workloads})]
    return Look(workloads, jobs, pods, waiting)


def _state(workload: Workload) -> str:
    rolling = workload.ready >= workload.wanted  # enough are ready, but not yet of the newest revision alone
    return "rolls out" if rolling else f"{workload.ready}/{workload.wanted}"


def _why(workload: Workload, pods: list[Pod]) -> str:
    newest = max((p for p in pods if p.component == workload.component), key=lambda p: p.created, default=None)
    return f" ({wait_reasons.spoken(newest.reason)})" if newest and newest.reason else ""


def _too_late(kube: Kube, target: Goal, now: Look) -> KitError:
    syncs = [line for pod in now.pods if not pod.ready for line in _sync_errors(kube, pod)]
    return KitError(
        "not-ready-in-time",
        f"The release {target.release} is not ready within the time that --timeout allows",
        cause="\n".join(["Still waiting for " + "; ".join(now.waiting), *syncs]),
        fix=f"kubectl -n {target.namespace} get pods,events    # then run it again, perhaps with a longer --timeout",
        code=ExitCode.TIMEOUT,
    )


def _sync_errors(kube: Kube, pod: Pod) -> list[str]:
    """Return why the git-sync of a pod fails; such a pod waits without a reason of its own. [] without git-sync."""
    try:
        found = git_sync.errors(kube.pod_log(pod.namespace, pod.name, git_sync.NAME))
    except KitError:  # this only explains another error
        return []
    return [f"git-sync of {pod.component}: {line}" for line in found[-1:]]
