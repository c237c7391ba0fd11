"""Writes a file in one step, so that nobody ever reads half of it, not even after a crash."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def replace_text(file: Path, text: str) -> None:
    """Give a file a new content. It keeps its owner and mode, and a link stays a link; a new file has mode 0600.

    Args:
        file: The file; its folder must exist.
        text: The whole content.

    Raises:
        OSError: when the disk is full, or the owner cannot be kept. The file is then as it was.
    """
    target = file.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(handle)
            if target.exists():
                _resemble(handle, target.stat())
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def _resemble(handle: int, known: os.stat_result) -> None:
    """Give a new file owner and mode of the one that it replaces."""
    new = os.fstat(handle)
    if (new.st_uid, new.st_gid) != (known.st_uid, known.st_gid):
        os.fchown(handle, known.st_uid, known.st_gid)
    os.fchmod(handle, stat.S_IMODE(known.st_mode))
