"""Tells when files of a folder change, as soon as a program that writes several of them is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_QUIET_MILLISECONDS = 300
"""Editors write a file in several steps, and branches change many files: wait until nothing happens for so long."""


def changes(folder: Path) -> Iterator[set[Path]]:
    """Yield the files that changed, again and again, except those of git, of editors, and what Python caches.

    Raises:
        KeyboardInterrupt: on Ctrl-C.
    """
    from watchfiles import DefaultFilter, watch  # noqa: PLC0415 - one command needs it

    names = DefaultFilter()
    for batch in watch(folder, watch_filter=names, step=_QUIET_MILLISECONDS, debounce=5000, raise_interrupt=True):
        yield {Path(path) for _, path in batch}
