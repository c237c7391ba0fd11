"""What kitctl stands on, and what cron, systemd, `>&-` and full disks take away."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from kitctl.errors import KitError


def stand() -> None:
    """Give a bare process a home, where kubectl and Helm look for their files, and streams to print to."""
    if not os.environ.get("HOME"):
        import pwd  # noqa: PLC0415 - rarely needed

        with contextlib.suppress(KeyError):  # a uid without a name has no home either
            os.environ["HOME"] = pwd.getpwuid(os.getuid()).pw_dir
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - used until the end


def disk_full(problem: OSError) -> KitError:
    """Return the error of a file, or of our own output, that found no space."""
    return KitError(
        "disk-full",
        f"There is no space left for {problem.filename or 'what kitctl writes'}",
        cause=str(problem),
        fix="df -h    # make room, then run the same command again",
    )
