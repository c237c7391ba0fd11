"""Facts about this machine: memory, processors, disk, ports. Nothing is changed."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import socket
import sys
from contextlib import closing
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
        files: Where the file system begins, with /proc, /sys and /etc in it.
    """

    system: str = field(default_factory=lambda: sys.platform)
    machine: str = field(default_factory=platform.machine)
    root: bool = field(default_factory=lambda: hasattr(os, "geteuid") and os.geteuid() == 0)
    memory: int = field(default_factory=usable_memory)
    cores: int = field(default_factory=usable_cores)
    files: Path = Path("/")

    def disk_free(self, folder: Path) -> int:
        """Return the free bytes where a folder is, or will be made."""
        return shutil.disk_usage(existing(folder)).free

    def writable(self, folder: Path) -> bool:
        """Whether a folder can be written to, or made."""
        return os.access(existing(folder), os.W_OK)

    def text(self, path: str) -> str:
        """Return the text of a file, for example of /proc; "" if it cannot be read."""
        try:
            return (self.files / path.lstrip("/")).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def has(self, path: str) -> bool:
        """Whether there is a file or folder, as far as this process may see."""
        return os.path.exists(self.files / path.lstrip("/"))  # noqa: PTH110 - Path.exists raises without the right

    def port_taken(self, port: int) -> bool:
        """Whether something listens on a TCP port of this machine."""
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104 - nothing listens, and it is closed at once
            except OSError as error:
                return error.errno == errno.EADDRINUSE
        return False


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    folder = folder.absolute()
    return next(p for p in (folder, *folder.parents) if p.exists())
