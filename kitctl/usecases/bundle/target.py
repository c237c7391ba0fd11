"""The file of a support archive: its name, and what keeps it from being written."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kitctl.errors import ExitCode, KitError


def default_name(release: str) -> str:
    """Return the name of an archive in the current folder."""
    return f"kitctl-{release}-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"


def check_target(file: Path) -> None:
    """Refuse a file that exists, before minutes are spent.

    Raises:
        KitError: `bundle-exists` (code USAGE), `bundle-not-written`.
    """
    if file.is_symlink() or file.exists():
        raise _exists(file)
    if not file.parent.is_dir():
        raise _not_written(file, f"There is no folder {file.parent}")


@contextmanager
def refusals(file: Path) -> Iterator[None]:
    """Turn what the file system refuses into errors; a full disk is told by the command line itself."""
    try:
        yield
    except FileExistsError as error:
        raise _exists(file) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EPIPE}:
            raise
        raise _not_written(file, str(error)) from error


def _exists(file: Path) -> KitError:
    return KitError(
        "bundle-exists",
        f"The file {file} exists already",
        cause="kitctl never replaces a file by a support archive",
        fix="kitctl logs --bundle    # chooses a new name; or name another file",
        code=ExitCode.USAGE,
    )


def _not_written(file: Path, cause: str) -> KitError:
    return KitError(
        "bundle-not-written",
        f"The file {file} cannot be written",
        cause=cause,
        fix="kitctl logs --bundle /tmp/support.tar.gz    # a folder that exists, and where you may write",
        code=ExitCode.USAGE,
    )
