"""Programs that get the terminal or whose output is read while they run; tools/process.py runs all others."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from kitctl.tools.process import ECHO, Result, program_missing, running


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

    Raises:
        KitError: `tool-missing` when the program is absent.
    """
    ECHO.command(argv)
    with running(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None  # noqa: S101 - for the type checker
        for line in child.stdout:
            write(line.rstrip("\n"))
        return child.wait()


def stream_lines(argv: Sequence[str], end: Callable[[Result], object]) -> Iterator[str]:
    """Yield the lines that a command prints on stdout, as they come; the command ends when the reader stops.

    Args:
        argv: Program and arguments.
        end: Takes exit code and stderr of a command that ended by itself.

    Raises:
        KitError: `tool-missing` when the program is absent.
    """
    ECHO.command(argv)
    # A file, as a pipe that nobody reads would stop the command.
    with tempfile.TemporaryFile() as said:
        with running(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as child:
            assert child.stdout is not None  # noqa: S101 - for the type checker
            for line in child.stdout:
                yield line.rstrip("\n")
            code = child.wait()
        said.seek(0)
        end(Result(code, "", said.read().decode(errors="replace")))


def follow(
    argv: Sequence[str], write: Callable[[str], object], *, timeout: float, env: Mapping[str, str] | None = None
) -> Result:
    """Hand on all that a command prints, as it comes, and keep it as well.

    Args:
        argv: Program and arguments; no shell is involved.
        write: Takes one line of its stdout or stderr, without its end.
        timeout: Seconds until the process is killed.
        env: Variables added to the caller's environment.

    Returns:
        Its exit code (-9 after it was killed), and both outputs as one.

    Raises:
        KitError: `tool-missing` when the program is absent.
    """
    ECHO.command(argv)
    lines: list[str] = []
    options: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "env": {**os.environ, **env} if env else None,
        "errors": "replace",
    }
    with running(argv, **options) as child:
        assert child.stdout is not None  # noqa: S101 - for the type checker
        limit = threading.Timer(timeout, child.kill)
        limit.start()
        try:
            for line in child.stdout:
                lines.append(line)
                write(line.rstrip("\n"))
        finally:
            limit.cancel()
        return Result(child.wait(), "".join(lines), "")
