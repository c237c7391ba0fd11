"""Files of the cache that are slow to make: made once, whole or not at all, also when several kitctl want them."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def ensure(target: Path, make: Callable[[Path], object]) -> bool:
    """Make a file unless it exists. Others that want the same file wait, and then take what was made.

    Args:
        target: The file; its folder is created.
        make: Writes the file at the path that it gets. If it fails, nothing is left.

    Returns:
        Whether this call made it.
    """
    if target.is_file():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with _held(target.with_name(f".{target.name}.lock")):
        if target.is_file():
            return False
        # The holder of the lock is the only writer: what lies here is of a process that was killed.
        for left in target.parent.glob(f".{target.name}.*.part"):
            left.unlink(missing_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
        try:
            make(part)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
    return True


@contextmanager
def _held(file: Path) -> Iterator[None]:
    """Hold a lock file alone, and remove it afterwards. The kernel frees the lock of a killed process."""
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            # Whoever held it before has removed it: a lock on that file excludes nobody who comes later.
            if not _same(handle, file):
                continue
            try:
                yield
            finally:
                file.unlink(missing_ok=True)
            return
        finally:
            os.close(handle)


def _same(handle: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except FileNotFoundError:
        return False
