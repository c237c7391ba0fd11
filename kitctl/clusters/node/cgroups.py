"""Control groups of a node: /<name> in every hierarchy (v1 has one for each controller, v2 a single one)."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.tools.deadline import Deadline

_REAPED = 2
"""Seconds; processes that ended are mostly gone after a hundredth of this."""
_V2_CONTROLLERS = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids")


def hierarchies(mountinfo: str | None = None) -> dict[Path, str]:
    """Return the mounted cgroup hierarchies with their file system type.

    Args:
        mountinfo: Text of /proc/self/mountinfo; read from there when absent.

    Returns:
        {"/sys/fs/cgroup/memory": "cgroup", ...}; one entry for a v2 machine.
    """
    text = Path("/proc/self/mountinfo").read_text(encoding="utf-8") if mountinfo is None else mountinfo
    found: dict[Path, str] = {}
    for line in text.splitlines():
        fields, _, rest = line.partition(" - ")
        kind = rest.split()[0]
        mount_point = fields.split()[4]
        if kind in {"cgroup", "cgroup2"} and mount_point.startswith("/sys/fs/cgroup"):
            found[Path(mount_point)] = kind
    return found


def make(name: str) -> list[Path]:
    """Make the node's groups and return those that its own daemons join.

    Raises:
        KitError: `cgroups-unusable` where the kernel or the container around us refuses them.
    """
    joined: list[Path] = []
    mounts = hierarchies()
    if not mounts:
        raise _unusable("No cgroup file system is mounted below /sys/fs/cgroup", "")
    for mount, kind in mounts.items():
        group = mount / name
        daemons = group / "system"
        try:
            for folder in (group, daemons):
                if kind == "cgroup2" and mount == Path("/sys/fs/cgroup"):
                    _delegate(folder.parent)
                folder.mkdir(exist_ok=True)
                _copy_cpuset(folder)
        except OSError as exc:
            raise _unusable(f"The control group {group} cannot be made", str(exc)) from exc
        joined.append(daemons)
    return joined


def _delegate(folder: Path) -> None:
    """Hand the controllers of a v2 group down to its children."""
    available = (folder / "cgroup.controllers").read_text(encoding="ascii").split()
    enabled = (folder / "cgroup.subtree_control").read_text(encoding="ascii").split()
    wanted = [c for c in _V2_CONTROLLERS if c in available and c not in enabled]
    if wanted:
        (folder / "cgroup.subtree_control").write_text(" ".join(f"+{c}" for c in wanted), encoding="ascii")


def _copy_cpuset(folder: Path) -> None:
    """Fill the v1 cpuset of a new group from its parent: an empty one lets no process in."""
    for file in ("cpuset.cpus", "cpuset.mems"):
        own, parent = folder / file, folder.parent / file
        if own.exists() and parent.exists() and not own.read_text(encoding="ascii").strip():
            own.write_text(parent.read_text(encoding="ascii"), encoding="ascii")


def _groups(name: str) -> list[Path]:
    """Return all groups of the node, the deepest first."""
    return [
        Path(folder)
        for mount in hierarchies()
        if (mount / name).is_dir()
        for folder, _, _ in os.walk(mount / name, topdown=False)
    ]


def processes(name: str) -> set[int]:
    """Return the numbers of all processes in the node's groups."""
    found: set[int] = set()
    for group in _groups(name):
        try:
            found.update(int(pid) for pid in (group / "cgroup.procs").read_text(encoding="ascii").split())
        except OSError:  # the group went away with its last process
            continue
    return found


def empty(name: str, seconds: float = 20) -> None:
    """Kill whatever is left in the node's groups, and wait until nothing is, not even what waits to be reaped.

    Raises:
        KitError: `node-processes-stay` when the kernel does not let go of one.
    """
    killed: set[int] = set()

    def ended() -> bool | None:
        pids = processes(name) - {os.getpid()}
        killed.update(pids)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not pids or None

    if not Deadline(seconds).until(ended, every=0.02):
        raise KitError(
            "node-processes-stay",
            f"Processes of the node {name} do not end: {', '.join(map(str, sorted(processes(name) - {os.getpid()})))}",
            cause="The kernel holds them, usually in a read of a disk or network share that does not answer",
            fix="Run the same command again in a minute, or restart the machine",
        )

    def reaped() -> bool | None:
        left = [pid for pid in killed if _belongs(pid, name)]
        for pid in left:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        return not left or None

    # A group lists no process that has ended, though `ps` shows it until its parent took note: us for what we started,
    # else the machine's first process, which inside some containers never does.
    Deadline(_REAPED).until(reaped, every=0.02)


def lists(text: str, name: str) -> bool:
    """Whether a text of /proc/<pid>/cgroup names the node's group or one below it."""
    return re.search(rf":/{re.escape(name)}(/|\s)", text) is not None


def _belongs(pid: int, name: str) -> bool:
    """Whether a process is there and is, or was until its group went, in the node's groups."""
    try:
        text = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
    except OSError:
        return False
    return lists(text, name)


def remove(name: str, seconds: float = 5) -> None:
    """Remove the node's groups; all must be empty. Absent is fine.

    The kernel calls a group busy for a moment after its last process ended; what stays busy is left for the next call.
    """

    def gone() -> bool | None:
        for group in _groups(name):
            with suppress(OSError):
                group.rmdir()
        return not _groups(name) or None

    Deadline(seconds).until(gone, every=0.01)


def _unusable(message: str, cause: str) -> KitError:
    return KitError(
        "cgroups-unusable",
        message,
        cause=cause or "The kernel's control groups are missing or read-only, as inside most containers",
        fix="Use a machine or VM of its own, or start the container with --privileged --cgroupns=host",
        code=ExitCode.PREFLIGHT,
    )
