"""What a worker pod costs: when its containers began, seen as it happens, and the CPU of its control group."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.node import ROOT
from tests.bench.stages import PodLog, pods, watched
from tests.e2e.kit import Kit

_LOOK_SECONDS = 0.1


@dataclass
class Cost:
    """One worker pod.

    Attributes:
        name: Its name.
        created: When it was first seen, on this machine's clock.
        started: When its task's container was first seen running; 0.0 if that was missed.
        cpu: CPU-seconds of all its containers, init containers included, until shortly before its end.
    """

    name: str
    created: float
    started: float = 0.0
    cpu: float = 0.0

    @property
    def waited(self) -> float:
        """Seconds from the pod's creation until the task's container ran."""
        return self.started - self.created


class Watch(PodLog):
    """Notes the moment of each change; Kubernetes itself tells whole seconds."""

    def __init__(self, cluster: str) -> None:
        super().__init__()
        self.costs: dict[str, Cost] = {}
        self.groups: dict[str, Path] = {}
        unified = ROOT / cluster / "kubepods"
        self.v2 = unified.is_dir()
        self.root = unified if self.v2 else ROOT / "cpuacct" / cluster / "kubepods"
        self.over = threading.Event()

    def read(self, stream: Any) -> None:
        """Take watch events until the stream ends."""
        for pod in pods(stream):
            self.note(pod, time.time())

    def note(self, pod: dict[str, Any], now: float) -> None:
        """Note what an event tells."""
        cost = self.costs.setdefault(pod["metadata"]["uid"], Cost(pod["metadata"]["name"], now))
        states = [c["state"] for c in pod["status"].get("containerStatuses", []) if c["name"] == "base"]
        if not cost.started and any("running" in state or "terminated" in state for state in states):
            cost.started = now

    def measure(self) -> None:
        """Read the control groups of all known pods again and again: a group vanishes with its pod."""
        while not self.over.wait(_LOOK_SECONDS):
            for uid, cost in list(self.costs.items()):
                group = self.groups.get(uid) or next(iter(self.root.rglob(f"pod{uid}")), None)
                if group:
                    self.groups[uid] = group
                    cost.cpu = max(cost.cpu, self.usage(group))

    def usage(self, group: Path) -> float:
        """Return the CPU-seconds of a control group; 0.0 when it is gone."""
        try:
            if self.v2:
                fields = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
                return int(fields["usage_usec"]) / 1e6
            return int((group / "cpuacct.usage").read_text()) / 1e9
        except OSError:
            return 0.0


@contextmanager
def costs(kit: Kit, cluster: str) -> Iterator[dict[str, Cost]]:
    """Yield the costs of the worker pods that run within the block, by uid."""
    log = Watch(cluster)
    reader = threading.Thread(target=log.measure, daemon=True)
    reader.start()
    try:
        with watched(kit, log):
            yield log.costs
    finally:
        log.over.set()
        reader.join(timeout=10)
