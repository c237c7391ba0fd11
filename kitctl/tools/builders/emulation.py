"""Whether a build can run programs of another architecture: with QEMU, which the kernel starts by binfmt_misc."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.model.platforms import of_machine, qemu, runs_beside, suffix
from kitctl.tools.process import run

BINFMT = Path("/proc/sys/fs/binfmt_misc")


def native() -> str:
    """Return the platform of this machine."""
    return of_machine(os.uname().machine)


def by_kernel(platform: str) -> bool:
    """Whether this machine runs programs of a platform; on other systems the builder has a Linux of its own."""
    if sys.platform != "linux" or runs_beside(platform, native()):
        return True
    try:
        state = (BINFMT / f"qemu-{qemu(platform)}").read_text(encoding="utf-8")
    except OSError:
        return False
    return state.startswith("enabled")


def by_docker(platform: str) -> bool:
    """Whether docker's engine, which may be elsewhere, runs programs of a platform; true if it does not say."""
    try:
        said = run(["docker", "buildx", "inspect"], check=False, timeout=60)
    except KitError:
        return True
    known = re.search(r"^Platforms:\s*(.+)$", said.stdout, re.MULTILINE)
    names = {name.strip().rstrip("*") for name in known[1].split(",")} if known else set()
    return not names or platform in names


def not_runnable(platforms: Sequence[str], tool: str) -> KitError:
    """Return the error of programs that the machine cannot run."""
    names = " and ".join(platforms)
    formats = ",".join(suffix(platform) for platform in platforms)
    entries = ", ".join(f"qemu-{qemu(platform)}" for platform in platforms)
    return KitError(
        "platform-not-runnable",
        f"{tool} cannot run programs of {names} on this machine",
        cause="The build runs programs of the image, such as pip. For another architecture that needs QEMU, "
        f"and its entry in {BINFMT}: {entries}",
        fix="sudo apt-get install -y qemu-user-static\n"
        f"or: docker run --privileged --rm tonistiigi/binfmt --install {formats}\n"
        "or build each platform on a machine of its own",
        code=ExitCode.PREFLIGHT,
    )
