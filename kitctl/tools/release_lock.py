"""One kitctl at a time on a release, as far as this machine can tell; the kernel frees the lock of a killed one."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    # The file stays: removing a lock file while another process waits for it would give two holders.
    path = cache_dir() / "locks" / f"{quote(context, safe='')}-{namespace}-{release}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:

        def take() -> bool | None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                note("another kitctl is working on this release; waiting for it")
                return None
            return True

        if not deadline.until(take):
            raise KitError(
                "release-locked",
                f"Another kitctl is still working on the release {release}",
                cause=f"It holds the lock {path}",
                fix="Wait until it ends, or stop it; then run the same command again",
                code=ExitCode.TIMEOUT,
            )
        yield
