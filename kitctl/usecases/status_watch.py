"""`kitctl status --watch`: a release as it changes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from kitctl.errors import KitError
from kitctl.release.handle import Release
from kitctl.release.tasks.pods import executor_namespace, task_pods, worker_selector
from kitctl.tools.deadline import endless
from kitctl.tools.kube.watch import Lost, passing, watch
from kitctl.usecases.status import Component, TaskPod, count, task_pod

PERIOD = 2.0
"""Seconds between two looks at the components: three small requests each."""


@dataclass(frozen=True)
class Picture:
    """A release at one moment.

    Attributes:
        components: Pods of each component: ready, wanted, restarts.
        task_pods: Pods of tasks, oldest first.
        trouble: Why the cluster does not answer, so that the rest is what was known before; "" if it does.
    """

    components: dict[str, Component] = field(default_factory=dict)
    task_pods: list[TaskPod] = field(default_factory=list)
    trouble: str = ""


@dataclass(frozen=True)
class ComponentChange:
    """A component of which another number of pods is ready, wanted or restarted."""

    name: str
    now: Component


def pictures(release: Release) -> Iterator[Picture]:
    """Yield what the release looks like, every two seconds, for ever.

    Raises:
        KitError: `release-missing` at the beginning; later only what does not go by itself (`unauthorized`).
    """
    release.workloads  # noqa: B018 - raises without any
    last = Picture()
    while True:
        try:
            last = Picture(_components(release), [task_pod(pod) for pod in task_pods(release)])
        except KitError as error:
            if not passing(error):
                raise
            last = replace(last, trouble=error.message)
        yield last
        endless().pause(PERIOD)


def _components(release: Release) -> dict[str, Component]:
    return count(release.kube.workloads(release.settings.namespace, release.settings.release))


def changes(release: Release, lost: Lost) -> Iterator[ComponentChange | TaskPod]:
    """Yield each change of a component or a task pod, first what is there; never ends.

    Args:
        release: The release.
        lost: Told when the cluster stops answering, and when it answers again.

    Raises:
        KitError: as `pictures` and `watch_task_pods`.
    """
    release.workloads  # noqa: B018 - raises without any
    known: dict[str, Component] = {}
    came: queue.Queue[TaskPod | BaseException] = queue.Queue()
    _start(lambda: watch_task_pods(release, lost), came)
    while True:
        try:
            now = _components(release)
        except KitError as error:
            if not passing(error):
                raise
            now = known  # the watch of the task pods tells it
        yield from (ComponentChange(name, one) for name, one in now.items() if known.get(name) != one)
        known = now
        rest = endless().sooner(PERIOD)
        while not rest.over:
            try:
                change = came.get(timeout=rest.left())
            except queue.Empty:
                break
            if isinstance(change, BaseException):
                raise change
            yield change


def _start(watched: Callable[[], Iterator[TaskPod]], came: queue.Queue[TaskPod | BaseException]) -> None:
    """Follow an endless stream beside; it does not keep the program from ending."""

    def follow() -> None:
        try:
            for change in watched():
                came.put(change)
        except BaseException as problem:  # noqa: BLE001 - raised where the changes are read
            came.put(problem)

    threading.Thread(target=follow, daemon=True, name="task pods").start()


def watch_task_pods(release: Release, lost: Lost) -> Iterator[TaskPod]:
    """Yield a report of a task pod whenever one comes, changes its phase or goes ("Deleted"); never ends.

    Args:
        release: The release.
        lost: Told when the cluster stops answering, and when it answers again.

    Raises:
        KitError: `forbidden`, `unauthorized`, or `watch-failed`.
    """
    told: dict[str, tuple[str, str]] = {}
    where, selector = executor_namespace(release), worker_selector(release)
    for event, pod in watch(release.kube, release.settings.kubeconfig, where, selector, lost):
        report = task_pod(pod)
        if event == "DELETED":
            report = replace(report, phase="Deleted")
        now = (report.phase, report.reason)
        if told.get(pod.uid) != now:
            told[pod.uid] = now
            yield report
        if event == "DELETED":
            told.pop(pod.uid, None)
