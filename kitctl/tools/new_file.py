"""Writes a new file in one step: it is there as a whole or not at all, and never in place of another one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new_file(file: Path, *, private: bool = True) -> Iterator[BinaryIO]:
    """Write a file within a block. It gets its name when the block ends without an error.

    Args:
        file: The file; its folder must exist.
        private: Whether its mode is 0600; otherwise it is that of any new file of the user.

    Raises:
        FileExistsError: when the name is taken, also if it was free when the block began.
        OSError: when the folder cannot be written to, or the disk is full. Nothing is left behind.
    """
    if os.path.lexists(file):
        raise FileExistsError(file)
    # Not named after the file: a name may be as long as the file system allows.
    handle, name = tempfile.mkstemp(prefix=".kitctl-", dir=file.parent)
    held = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            if not private:
                os.fchmod(handle, 0o666 & ~_umask())
            os.fsync(handle)
        _give_name(held, file)
    finally:
        held.unlink(missing_ok=True)


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    found = os.umask(0o077)
    os.umask(found)
    return found


def _give_name(held: Path, file: Path) -> None:
    try:
        os.link(held, file)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(file):
            raise FileExistsError(file) from None
        held.rename(file)
