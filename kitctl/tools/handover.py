"""Programs that get the terminal or whose output is read while they run; tools/process.py runs all others."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

from kitctl.tools.process import ECHO, program_missing


def replace(argv: Sequence[str]) -> NoReturn:
    """Become another program: terminal, signals and exit code are then its own.

    Args:
        argv: Program and arguments; no shell is involved.

    Raises:
        KitError: `tool-missing` when the program is absent.
    """
    ECHO.command(argv)
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvp(argv[0], list(argv))  # noqa: S606 - no shell is wanted
    except FileNotFoundError as exc:
        raise program_missing(argv[0], exc) from exc


def relay(argv: Sequence[str], write: Callable[[str], object]) -> int:
    """Hand on the lines that a command prints on stdout, as they come.

    Args:
        argv: Program and arguments; its stderr is ours.
        write: Takes one line without its end.

    Returns:
        The exit code of the command.
    """
    ECHO.command(argv)
    with subprocess.Popen(list(argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None  # noqa: S101 - for the type checker
        try:
            for line in child.stdout:
                write(line.rstrip("\n"))
        except BaseException:
            child.terminate()
            raise
        return child.wait()


def stream_lines(argv: Sequence[str]) -> Iterator[str]:
    """Yield the lines that a command prints on stdout, as they come; the command ends when the reader stops.

    Args:
        argv: Program and arguments; its stderr is ours.
    """
    ECHO.command(argv)
    with subprocess.Popen(list(argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None  # noqa: S101 - for the type checker
        try:
            for line in child.stdout:
                yield line.rstrip("\n")
        finally:
            child.terminate()
