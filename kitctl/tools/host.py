"""Facts about this machine: memory, processors, disk, ports. Nothing is changed."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

GIB = 1024**3
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # cgroup v2, v1


def usable_memory() -> int:
    """Return the bytes of memory of this machine, or of this container where it has a limit."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in _LIMITS:
        try:
            text = Path(name).read_text(encoding="utf-8").strip()
        except OSError:
            continue
        if text.isdigit():  # "max" means none; v1 says so by a huge number
            total = min(total, int(text))
    return total


def usable_cores() -> int:
    """Return the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Host:
    """What the machine is.

    Attributes:
        system: "linux", "darwin" or "win32".
        machine: Architecture as uname prints it, e.g. "x86_64".
        root: Whether this process is root.
        memory: Bytes of memory that this process may use; a container's limit counts.
        cores: Processors that this process may use.
    """

    system: str = field(default_factory=lambda: sys.platform)
    machine: str = field(default_factory=platform.machine)
    root: bool = field(default_factory=lambda: hasattr(os, "geteuid") and os.geteuid() == 0)
    memory: int = field(default_factory=usable_memory)
    cores: int = field(default_factory=usable_cores)

    def disk_free(self, folder: Path) -> int:
        """Return the free bytes where a folder is, or will be made."""
        return shutil.disk_usage(existing(folder)).free

    def writable(self, folder: Path) -> bool:
        """Whether a folder can be written to, or made."""
        return os.access(existing(folder), os.W_OK)


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    folder = folder.absolute()
    return next(p for p in (folder, *folder.parents) if p.exists())
