"""The processes of a node: starts the supervisor in namespaces of its own, finds it, enters it, ends it."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kitctl.clusters.node import cgroups
from kitctl.clusters.node.layout import FILES, Layout, not_running
from kitctl.errors import ExitCode, KitError
from kitctl.tools.deadline import Deadline
from kitctl.tools.process import spawn
from kitctl.tools.toolbox import tool

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LISTEN = "0A"
_PROGRAMS = ("kubeadm", "kubelet", "kube-proxy", "kubectl")
UMASK = 0o022
"""Umask of containerd, which makes the root folder of each container: with 077 only root could enter it."""
# What containerd may need to reach a registry. The rest of the caller's environment stays outside: it may hold secrets.
_PASSED = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


def pid(layout: Layout) -> int | None:
    """Return the host's number of the node's pid 1, or None when the node does not run.

    A number that was given to another process since does not lie in the node's control group.
    """
    try:
        number = int(layout.pid_file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    return number if number in cgroups.processes(layout.name) else None


def socket(layout: Layout) -> Path | None:
    """Return containerd's socket as the host reaches it, or None when it is not there."""
    number = pid(layout)
    path = Path(f"/proc/{number}/root/run/containerd/containerd.sock")
    return path if number is not None and path.exists() else None


def listens(layout: Layout, port: int) -> bool:
    """Whether something in the node's network listens on a TCP port; much cheaper than starting kubectl to ask."""
    wanted = f":{port:04X} "
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/{pid(layout)}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                if f"{local} ".endswith(wanted) and state == _LISTEN:
                    return True
    return False


def inside(layout: Layout, *argv: str) -> list[str]:
    """Return the command that runs `argv` inside the node; its paths are the node's own.

    Raises:
        KitError: `cluster-not-running`.
    """
    number = pid(layout)
    if number is None:
        raise not_running(layout)
    flags = ("--mount", "--uts", "--ipc", "--net", "--pid")
    return [
        "nsenter",
        "--target",
        str(number),
        *flags,
        "--",
        "env",
        "-i",
        f"PATH=/kit/bin:{_PATH}",
        "HOME=/root",
        *argv,
    ]


def start(layout: Layout) -> None:
    """Start the supervisor; it outlives kitctl. The folders of the state must be filled.

    Raises:
        KitError: `cgroups-unusable`, or `node-start-failed` with what the kernel refused.
    """
    layout.pid_file.unlink(missing_ok=True)
    cgroups.make(layout.name)
    log = layout.logs / "boot.log"
    log.unlink(missing_ok=True)
    spawn(script(layout, "launch.sh", str(layout.state), layout.name), log=log, umask=UMASK)
    wait(lambda: pid(layout) is not None, 10, lambda: _refused(log))
    wait(lambda: socket(layout) is not None, 30, lambda: _refused(log, layout.logs / "containerd.log"))


def script(layout: Layout, name: str, *arguments: str) -> list[str]:
    """Return the command that runs a script of the node's on the host, inside the node's control groups."""
    groups = [str(group) for group in cgroups.make(layout.name)]
    return ["env", "-i", f"PATH={_PATH}", "bash", str(layout.state / name), *arguments, *groups]


def equip(layout: Layout) -> None:
    """Give the node its own copies of programs and scripts: neither a cleaned cache nor a newer kit changes it.

    They are no hard links: whoever is root in the node could then change the programs that root runs on this machine.
    Programs that are one file on the machine are one file in the node.
    """
    folder = layout.kit / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    copies: dict[int, Path] = {}
    for name in _PROGRAMS:
        target, source = folder / name, tool(name)
        target.unlink(missing_ok=True)
        inode = source.stat().st_ino
        if inode in copies:
            target.hardlink_to(copies[inode])
        else:
            shutil.copy2(source, target)
            copies[inode] = target
    for script in ("launch.sh", "boot.sh", "uplink.sh"):
        shutil.copyfile(FILES / script, layout.state / script)
    shutil.copyfile(FILES / "supervise.sh", layout.kit / "supervise.sh")
    passed = [f"export {key}={shlex.quote(os.environ[key])}" for key in _PASSED if key in os.environ]
    (layout.kit / "environment").write_text("\n".join([*passed, ""]), encoding="utf-8")


def stop(layout: Layout) -> None:
    """End every process of the node; its namespaces, mounts and interfaces go with the last one. Absent is fine."""
    cgroups.empty(layout.name)
    cgroups.remove(layout.name)
    layout.pid_file.unlink(missing_ok=True)


def wait(done: Callable[[], bool], seconds: float, failure: Callable[[], KitError], step: float = 0.02) -> None:
    """Ask `done` until it is true.

    Args:
        done: Asked every `step` seconds.
        seconds: How long it may take.
        failure: Makes the error to raise after that.
        step: Seconds between two questions.
    """
    if not Deadline(seconds).until(lambda: done() or None, every=step):
        raise failure()


def tail(*logs: Path, lines: int = 12) -> str:
    """Return the last lines of those logs that exist."""
    parts: list[str] = []
    for log in logs:
        with suppress(FileNotFoundError):
            parts += log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join(parts)


def _refused(*logs: Path) -> KitError:
    return KitError(
        "node-start-failed",
        "The namespaces or the containerd of the node did not start",
        cause=tail(*logs),
        fix="Use a machine or VM in which root may make namespaces and mounts; inside a container: --privileged",
        code=ExitCode.PREFLIGHT,
    )
