"""The migrate Job is complete, but the database lacks a migration: an older dump was restored. The Job runs again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import Job, Pod
from kitctl.tools.kube.rights import unless_forbidden

BEHIND = "the migrate Job brings it there"
"""Words in the log of a pod that waits; chart/files/wait_for_database.py prints them every 15 seconds."""

_WAITS = "wait-for-database"
_COMPONENT = "migrate"
_PATIENCE = 20.0
"""Seconds that a pod may wait after the Job is complete: it looks once a second, and then starts."""
_OF_THE_CONTROLLER = (
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
    "job-name",
    "batch.kubernetes.io/job-name",
)


class Watch:
    """Notices that pods wait for a migration that no Job brings, and runs the Job again, once."""

    def __init__(self, kube: Kube, namespace: str, note: Callable[[str], None], deadline: Deadline) -> None:
        """Begin to watch.

        Args:
            kube: The cluster.
            namespace: Namespace of the release.
            note: Takes one line about what is done.
            deadline: Its clock, and how long to wait for the end of the old Job.
        """
        self._kube, self._namespace, self._note, self._deadline = kube, namespace, note, deadline
        self._since: float | None = None
        self._done = False

    def look(self, jobs: Iterable[Job], pods: Iterable[Pod]) -> None:
        """Take one look at the Jobs and pods of the release."""
        migrations = [job for job in jobs if job.component == _COMPONENT]
        waiting = [pod for pod in pods if pod.phase == "Pending" and pod.component != _COMPONENT]
        if self._done or not migrations or not waiting or not all(job.complete for job in migrations):
            self._since = None
            return
        now = self._deadline.now()
        self._since = now if self._since is None else self._since
        if now - self._since < _PATIENCE or not any(map(self._is_behind, waiting)):
            return
        self._done = True
        for job in migrations:
            self._note(f"the database lacks a migration, though the Job {job.name} is complete: running it again")
            self._again(job.name)

    def _is_behind(self, pod: Pod) -> bool:
        log = unless_forbidden(lambda: self._kube.pod_log(pod.namespace, pod.name, _WAITS, tail=3), "")
        return BEHIND in log

    def _again(self, name: str) -> None:
        live = self._kube.get("Job", self._namespace, name)
        if live is None:
            return
        self._kube.delete("Job", self._namespace, name)
        self._deadline.until(lambda: True if self._kube.get("Job", self._namespace, name) is None else None)
        self._kube.create(fresh(live), self._namespace)


def fresh(job: dict[str, Any]) -> dict[str, Any]:
    """Return a Job to create in place of one that ran: without what the server and its controller wrote into it."""
    meta, spec = job["metadata"], deepcopy(job["spec"])
    spec.pop("selector", None)
    for labels in ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}, meta.get("labels") or {}:
        for label in _OF_THE_CONTROLLER:
            labels.pop(label, None)
    kept = {key: meta[key] for key in ("name", "namespace", "labels", "annotations") if meta.get(key)}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": kept, "spec": spec}
