"""A lock that leaves nothing behind: it sits on a folder itself, and goes with it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder alone, making it when absent. Waits for whoever holds it.

    Args:
        folder: May be removed by its holder; a waiter then makes it anew.
    """
    while True:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _same(handle, folder):
                yield
                return
        finally:
            os.close(handle)


def _same(handle: int, folder: Path) -> bool:
    """Whether the folder is still the one that was locked, and not a new one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), folder.stat())
    except FileNotFoundError:
        return False
