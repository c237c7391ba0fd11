"""The only place that starts processes.

Every command is echoed on stderr with its secrets masked, so that a person can leave kitctl at any point and go on
with helm and kubectl. Secrets never travel in argv: hand them over by stdin, a file of mode 0600 or the environment.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError


@dataclass(frozen=True)
class Result:
    """What a finished process left: exit code and decoded output."""

    code: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        """Whether the process ended with 0."""
        return self.code == 0


@dataclass
class Echo:
    """How commands are shown; commands/ sets `verbose` from -v and -q."""

    verbose: int = 0
    quiet: bool = False
    write: Callable[[str], object] = sys.stderr.write

    def command(self, argv: Sequence[str], masked: Sequence[str] = ()) -> None:
        """Show one command line with each string of `masked` replaced by ***."""
        if self.quiet or self.verbose < 1:
            return
        line = shlex.join(argv)
        for secret in masked:
            if secret:
                line = line.replace(secret, "***")
        self.write(f"+ {line}\n")


ECHO = Echo()
_END_SECONDS = 5.0
"""How long a program that is no longer wanted may take to end."""
_BY_HAND = "Run it again with -v, which prints the whole command, and try that by hand"


def which(name: str, *extra: Path) -> Path | None:
    """Find a program in `extra` folders first, then on the caller's PATH (never sudo's).

    Args:
        name: Program name, e.g. "helm".
        extra: Folders searched before PATH.

    Returns:
        The program's path, or None.
    """
    search = os.pathsep.join([*(str(p) for p in extra), os.environ.get("PATH", "")])
    found = shutil.which(name, path=search)
    return Path(found) if found else None


def program_missing(program: str, cause: Exception) -> KitError:
    """Return the error of a program that is not there."""
    return KitError(
        "tool-missing",
        f"The program {program} was not found",
        cause=str(cause),
        fix="scripts/get-tools    # or install it and put it on PATH",
        code=ExitCode.PREFLIGHT,
    )


def run(
    argv: Sequence[str],
    *,
    input_text: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
    check: bool = True,
    stream: bool = False,
    masked: Sequence[str] = (),
    error_id: str = "command-failed",
    fix: str = "",
    ask_first: bool = True,
) -> Result:
    """Run a command to its end.

    Args:
        argv: Program and arguments; no shell is involved.
        input_text: Text for its standard input.
        env: Variables added to the caller's environment.
        cwd: Working directory.
        timeout: Seconds until the process is killed.
        check: Raise when the exit code is not 0.
        stream: Pass its output through to stderr while it runs instead of capturing it.
        masked: Strings that must not be shown.
        error_id: Id of the KitError raised on failure.
        fix: What the user can do about the failure; by default, how to see the whole command.
        ask_first: Let it put away what it began when kitctl is interrupted, see `running`.

    Returns:
        Exit code and output (empty strings when streamed).

    Raises:
        KitError: `tool-missing` when the program is absent, `command-timeout`, or `error_id` with the last lines that
            it printed.
    """
    ECHO.command(argv, masked)
    options: dict[str, Any] = {
        "stdin": subprocess.PIPE if input_text is not None else subprocess.DEVNULL,
        "stdout": sys.stderr if stream else subprocess.PIPE,
        "stderr": sys.stderr if stream else subprocess.PIPE,
        "env": {**os.environ, **env} if env else None,
        "cwd": cwd,
        "errors": "replace",
    }
    try:
        with running(argv, ask_first=ask_first, **options) as child:
            out, err = child.communicate(input_text, timeout=timeout)
    except subprocess.TimeoutExpired as exc:
        raise KitError(
            "command-timeout",
            f"{Path(argv[0]).name} did not finish within {timeout:.0f} s",
            cause="It was still working, or waited for a network or disk that does not answer",
            fix="Try again with a longer --timeout, or run the command that -v prints yourself",
            code=ExitCode.TIMEOUT,
        ) from exc
    result = Result(child.returncode, out or "", err or "")
    if check and not result.ok:
        raise KitError(
            error_id,
            f"{_short(argv)} ended with exit code {result.code}",
            cause=_tail(result, masked),
            fix=fix or _BY_HAND,
        )
    return result


@contextmanager
def running(argv: Sequence[str], *, ask_first: bool = True, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a program, and end it when the block is left by an exception.

    It is asked first, and killed if it does not listen: who is killed at once cannot put away what it had begun, so git
    would leave its lock in the user's checkout, and a builder its containers.

    Args:
        argv: Program and arguments; no shell is involved.
        ask_first: Whether it is asked; otherwise it is killed at once.
        options: More arguments of `subprocess.Popen`.

    Yields:
        The program, whose output is text.

    Raises:
        KitError: `tool-missing` when the program is absent.
    """
    with _interrupts_held() as let_go:
        try:
            child = subprocess.Popen(list(argv), text=True, **options)
        except FileNotFoundError as exc:
            raise program_missing(argv[0], exc) from exc
        with child:
            try:
                let_go()
                yield child
            except BaseException:
                _end(child, ask_first=ask_first)
                raise


def _end(child: subprocess.Popen[str], *, ask_first: bool) -> None:
    """End a program and wait until it has ended."""
    try:
        if ask_first:
            child.terminate()
            child.communicate(timeout=_END_SECONDS)
    except (subprocess.TimeoutExpired, ValueError):  # ValueError: its output is read no more
        pass
    finally:
        child.kill()
        child.wait()


@contextmanager
def _interrupts_held() -> Iterator[Callable[[], None]]:
    """Keep interrupts back until the yielded function is called, at the latest until the end of the block.

    Python would raise the exception of an interrupt while a program is being started, after its process has come to be
    and before anything could hold it: it would run on for ever. Only the main thread gets signals.
    """
    came: list[signal.Signals] = []
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    kept = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in kept:
        signal.signal(number, lambda number, _: came.append(signal.Signals(number)))

    def let_go() -> None:
        for number, handler in kept.items():
            signal.signal(number, handler)
        while came:
            first = came.pop(0)
            kept[first](first, None)

    try:
        yield let_go
    finally:
        let_go()


def _short(argv: Sequence[str]) -> str:
    """Return a command's name with its first words, enough to know it by."""
    return " ".join([Path(argv[0]).name, *argv[1:3]])


def _tail(result: Result, masked: Sequence[str]) -> str:
    """Return the last lines that a command printed, without the secrets."""
    tail = "\n".join((result.stderr or result.stdout).strip().splitlines()[-15:])
    for secret in filter(None, masked):
        tail = tail.replace(secret, "***")
    return tail


def spawn(
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    umask: int = -1,
) -> int:
    """Start a process that outlives kitctl, in a session of its own.

    Args:
        argv: Program and arguments.
        log: File that takes its stdout and stderr (appended, mode 0600).
        env: Variables added to the caller's environment.
        cwd: Working directory.
        umask: Its umask; -1 means that of kitctl.

    Returns:
        The process id.
    """
    ECHO.command(argv)
    log.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as out:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **env} if env else None,
            cwd=cwd,
            start_new_session=True,
            umask=umask,
        ).pid
