"""One kitctl at a time on a release, as far as this machine can tell; the kernel frees the lock of a killed one."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import cache_dir


@contextmanager
def held(
    context: str,
    namespace: str,
    release: str,
    note: Callable[[str], None],
    deadline: float,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[None]:
    """Hold the release for the block; wait for another kitctl that holds it.

    Args:
        context: Kube context.
        namespace: Namespace of the release.
        release: Its name.
        note: Told once when there is something to wait for.
        deadline: Time of `clock` at which waiting ends.
        clock: Monotonic clock in seconds.

    Raises:
        KitError: `release-locked` (code TIMEOUT).
    """
    # The file stays: removing a lock file while another process waits for it would give two holders.
    path = cache_dir() / "locks" / f"{quote(context, safe='')}-{namespace}-{release}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                note("another kitctl is working on this release; waiting for it")
            if clock() >= deadline:
                raise KitError(
                    "release-locked",
                    f"Another kitctl is still working on the release {release}",
                    cause=f"It holds the lock {path}",
                    fix="Wait until it ends, or stop it; then run the same command again",
                    code=ExitCode.TIMEOUT,
                )
            time.sleep(0.5)
        yield
