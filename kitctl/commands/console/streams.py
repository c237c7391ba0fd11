"""Set up HOME and the standard streams when they are missing, as under cron, systemd or `>&-`."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path


def prepare() -> None:
    """Set HOME, where kubectl and Helm look for their files, and give the process streams to print to."""
    if not os.environ.get("HOME"):
        import pwd  # noqa: PLC0415 - rarely needed

        with contextlib.suppress(KeyError):  # a uid without a name has no home either
            os.environ["HOME"] = pwd.getpwuid(os.getuid()).pw_dir
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - used until the end
        # A locale without UTF-8, and names of files that are no text, must not end a command.
        if hasattr(stream := getattr(sys, name), "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def watched() -> bool:
    """Whether a person reads what is printed now: not a log of CI, a file or another program, which keep it."""
    keeps = os.environ.get("CI", "").lower() not in {"", "0", "false"}
    return not keeps and sys.stdout.isatty() and sys.stderr.isatty()
