"""What the built-in node's pods use, read from the control groups of this machine (v1 or v2)."""

from __future__ import annotations

import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
MIB = 1024 * 1024


class PodUsage:
    """CPU and memory of all pods of a node, the control plane included.

    Args:
        cluster: Name of the node; its control groups carry it.
    """

    def __init__(self, cluster: str) -> None:
        unified = ROOT / cluster / "kubepods"
        self.v2 = unified.is_dir()
        self.cpu = unified if self.v2 else ROOT / "cpuacct" / cluster / "kubepods"

    @property
    def available(self) -> bool:
        """Whether the node runs on this machine."""
        return self.cpu.is_dir()

    def seconds(self) -> float:
        """Return the CPU-seconds that all pods have used so far, ended ones included."""
        if self.v2:
            fields = dict(line.split() for line in (self.cpu / "cpu.stat").read_text().splitlines())
            return int(fields["usage_usec"]) / 1e6
        return int((self.cpu / "cpuacct.usage").read_text()) / 1e9

    def rate(self, seconds: float) -> float:
        """Return the cores that the pods use on average over the next `seconds`."""
        used, start = self.seconds(), time.monotonic()
        time.sleep(seconds)
        return (self.seconds() - used) / (time.monotonic() - start)

    def memory(self, uid: str) -> float:
        """Return the resident memory of a pod's processes in MiB; a page that several share counts once (PSS).

        Args:
            uid: The pod's uid.
        """
        total = 0
        for group in self.cpu.rglob(f"pod{uid}"):
            for file in group.rglob("cgroup.procs"):
                for pid in file.read_text().split():
                    total += _pss(int(pid))
        return total / MIB


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:  # it ended while we looked
        pass
    return 0
