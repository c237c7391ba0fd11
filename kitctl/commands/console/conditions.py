"""What the machine may refuse at any moment of any command, in the one shape of errors."""

from __future__ import annotations

import errno
import itertools
import shlex
from collections.abc import Sequence
from pathlib import Path

from kitctl.errors import ExitCode, KitError


def of(problem: BaseException) -> KitError | None:
    """Return the error of a file, a disk or a nesting that no code of the kit expected; None for a bug of kitctl."""
    if isinstance(problem, RecursionError):
        return KitError(
            "nested-too-deeply",
            "A file is nested too deeply to be read",
            cause=f"{problem}. A hundred levels are more than any values, objects or DAG files need",
            fix="Write the file with fewer brackets inside of brackets, then run the same command again",
            code=ExitCode.USAGE,
        )
    if not isinstance(problem, OSError):
        return None
    if problem.errno == errno.ENOSPC:
        return KitError(
            "disk-full",
            f"No space left on the disk for {problem.filename or 'the output of kitctl'}",
            cause=str(problem),
            fix="df -h    # free some space, then run the same command again",
        )
    if problem.filename is None or problem.errno is None:
        return None
    name = problem.filename.decode(errors="replace") if isinstance(problem.filename, bytes) else str(problem.filename)
    return KitError(
        "file-unusable",
        f"{name} cannot be used",
        cause=problem.strerror or str(problem),
        fix=f"ls -ld {shlex.quote(name)}    # who may read and write it? Correct that, then run the same command again",
    )


def refuse_removed_folder(argv: Sequence[str]) -> None:
    """Refuse a working folder that was removed, before anything looks for a file in it; help needs none.

    Raises:
        KitError: `folder-removed`.
    """
    if {"-h", "--help"} & set(itertools.takewhile(lambda word: word != "--", argv)):
        return
    try:
        Path.cwd()
    except FileNotFoundError as exc:
        raise KitError(
            "folder-removed",
            "The current folder does not exist",
            cause="It was removed or replaced after you entered it",
            fix='cd "$PWD"    # if a folder of that name exists again, otherwise: cd ~',
            code=ExitCode.USAGE,
        ) from exc
