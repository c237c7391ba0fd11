"""The release at rest: memory, idle CPU, how fast its pods became ready."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.bench.figures import Figure
from tests.bench.node import PodUsage
from tests.e2e.kit import Kit, wait_for

IDLE_SECONDS = 60
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer", "postgres")


def settled(kit: Kit) -> None:
    """Wait until no task and no Job runs, so that what is measured is idleness."""

    def quiet() -> bool:
        phases = {p["status"]["phase"] for p in kit.pods("worker")}
        return not phases & {"Pending", "Running"} and kit("status", "-o", "json").json.get("healthy") is True

    wait_for("the release to be at rest", quiet, timeout=180, pause=2)


def memory(kit: Kit, usage: PodUsage) -> Iterator[Figure]:
    """Measure the resident memory of each component and their sum."""
    if not usage.available:
        yield Figure("memory: all components", None, "MiB", 850, note="needs the built-in node on this machine")
        return
    total = 0.0
    for component in COMPONENTS:
        used = sum(usage.memory(pod["metadata"]["uid"]) for pod in kit.pods(component))
        total += used
        yield Figure(f"memory: {component}", used, "MiB", note="PSS of its processes")
    yield Figure("memory: all components", total, "MiB", 850, note="PSS of their processes")


def idle(usage: PodUsage) -> tuple[float | None, Figure]:
    """Measure the CPU of all pods while nothing runs.

    Returns:
        Cores, and the figure in per cent of one.
    """
    name, target = "idle CPU, all pods and control plane", 9.0
    if not usage.available:
        return None, Figure(name, None, "%", target, note="needs the built-in node on this machine")
    cores = usage.rate(IDLE_SECONDS)
    return cores, Figure(name, 100 * cores, "%", target, note=f"of one core, over {IDLE_SECONDS} s")


def ready_times(kit: Kit) -> Figure:
    """Measure the slowest component from its pod's creation to Ready, image present."""
    seconds = {}
    for component in COMPONENTS:
        for pod in kit.pods(component):
            seconds[component] = (_ready(pod) - _time(pod["metadata"]["creationTimestamp"])).total_seconds()
    slowest = max(seconds, key=lambda name: seconds[name])
    note = ", ".join(f"{name} {value:.0f}" for name, value in seconds.items())
    return Figure("slowest component, pod created to ready", seconds[slowest], "s", note=note)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _ready(pod: dict[str, Any]) -> datetime:
    (condition,) = [c for c in pod["status"]["conditions"] if c["type"] == "Ready"]
    return _time(condition["lastTransitionTime"])
