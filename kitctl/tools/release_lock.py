"""One kitctl at a time on a release, as far as this machine can tell; the kernel frees the lock of a killed one."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import cache_dir
from kitctl.tools.deadline import Deadline


@contextmanager
def held(context: str, namespace: str, release: str, note: Callable[[str], None], deadline: Deadline) -> Iterator[None]:
    """Hold the release for the block; wait for another kitctl that holds it.

    Raises:
        KitError: `release-locked` (code TIMEOUT).
    """
    path = cache_dir() / "locks" / f"{quote(context, safe='')}-{namespace}-{release}"
    with _locked(path, "on this release", f"on the release {release}", note, deadline):
        yield


@contextmanager
def folder_held(folder: Path, note: Callable[[str], None], deadline: Deadline) -> Iterator[None]:
    """Hold a folder with the files that Helm reads; a release of the same name elsewhere may be made from it, too.

    Raises:
        KitError: `release-locked` (code TIMEOUT).
    """
    place = str(folder.resolve())
    path = cache_dir() / "locks" / f"folder-{sha256(place.encode(errors='surrogateescape')).hexdigest()}"
    with _locked(path, f"with the files in {place}", f"with the files in {place}", note, deadline):
        yield


@contextmanager
def _locked(path: Path, doing: str, of: str, note: Callable[[str], None], deadline: Deadline) -> Iterator[None]:
    # The file stays: removing a lock file while another process waits for it would give two holders.
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:

        def take() -> bool | None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                note(f"another kitctl is working {doing}; waiting for it")
                return None
            return True

        if not deadline.until(take):
            raise KitError(
                "release-locked",
                f"Another kitctl is still working {of}",
                cause=f"It holds the lock {path}",
                fix="Wait until it ends, or stop it; then run the same command again",
                code=ExitCode.TIMEOUT,
            )
        yield
