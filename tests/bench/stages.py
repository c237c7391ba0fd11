"""Where the time of a task goes, from the API's timestamps and from what the cluster tells of the task's pod."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from statistics import mean
from typing import Any

from kitctl.tools.toolbox import tool
from tests.bench.figures import Figure
from tests.e2e.kit import Kit


class PodLog:
    """The last state seen of every worker pod, by name."""

    def __init__(self) -> None:
        self.pods: dict[str, dict[str, Any]] = {}

    def read(self, stream: Any) -> None:
        """Take watch events until the stream ends."""
        for pod in pods(stream):
            self.pods[pod["metadata"]["name"]] = pod


def pods(stream: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the pod of each watch event; kubectl writes an event as one line, or indented, as its version likes."""
    text = ""
    for line in stream:
        text += line
        if line.startswith("}") or line.startswith('{"'):
            yield json.loads(text)["object"]
            text = ""


@contextmanager
def watched(kit: Kit, log: PodLog | None = None) -> Iterator[PodLog]:
    """Watch the release's worker pods for as long as the block runs."""
    log = log or PodLog()
    selector = f"app.kubernetes.io/instance={kit.release},app.kubernetes.io/component=worker"
    argv = [str(tool("kubectl")), "--context", kit.context, "-n", kit.namespace, "get", "pods", "-l", selector]
    argv += ["--watch", "--output-watch-events", "-o", "json"]
    process = subprocess.Popen(argv, env={**os.environ, **kit.env}, stdout=subprocess.PIPE, text=True)
    reader = threading.Thread(target=log.read, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        yield log
    finally:
        process.terminate()
        process.wait(timeout=10)
        reader.join(timeout=10)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _container(pod: dict[str, Any]) -> dict[str, Any]:
    """Return the times of the task's container: {"startedAt", "finishedAt"?}."""
    (status,) = [c for c in pod["status"].get("containerStatuses", []) if c["name"] == "base"]
    return dict(status["state"].get("terminated") or status["state"].get("running") or {})


def stages(tasks: list[dict[str, Any]], log: PodLog) -> Iterator[Figure]:
    """Yield the mean time of each stage of a task; Kubernetes tells whole seconds, so single tasks would mislead.

    Args:
        tasks: Task instances as the API tells them; `hostname` is the pod.
        log: Pods seen while they ran.
    """
    found: dict[str, list[float]] = {}
    for task in tasks:
        pod = log.pods.get(task["hostname"])
        if pod is None or not _container(pod).get("startedAt"):
            continue
        container = _container(pod)
        times = {
            "scheduler: queued to pod created": (task["queued_when"], pod["metadata"]["creationTimestamp"]),
            "kubelet: pod created to container started": (pod["metadata"]["creationTimestamp"], container["startedAt"]),
            "imports and DAG parse: container started to running": (container["startedAt"], task["start_date"]),
            "task: running to ended": (task["start_date"], task["end_date"]),
            "report and exit: ended to container finished": (task["end_date"], container.get("finishedAt")),
        }
        for name, (begin, end) in times.items():
            if end:
                found.setdefault(name, []).append((_time(end) - _time(begin)).total_seconds())
    for name, seconds in found.items():
        yield Figure(f"stage {name}", mean(seconds), "s", note=f"mean of {len(seconds)} tasks of the chain")
