"""The only place that starts processes.

Every command is echoed on stderr with its secrets masked, so that a person can leave kitctl at any point and go on
with helm and kubectl. Secrets never travel in argv: hand them over by stdin, a file of mode 0600 or the environment.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
        ask_first: Let it put away what it began when kitctl is interrupted, see `ended`.

    Returns:
        Exit code and output (empty strings when streamed).

    Raises:
        KitError: `tool-missing` when the program is absent, `command-timeout`, or `error_id` with the last lines that
            it printed.
    """
    ECHO.command(argv, masked)
    try:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if input_text is not None else subprocess.DEVNULL,
            stdout=sys.stderr if stream else subprocess.PIPE,
            stderr=sys.stderr if stream else subprocess.PIPE,
            env={**os.environ, **env} if env else None,
            cwd=cwd,
            text=True,
            errors="replace",
        )
        with child, ended(child, ask_first=ask_first):
            out, err = child.communicate(input_text, timeout=timeout)
    except FileNotFoundError as exc:
        raise program_missing(argv[0], exc) from exc
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
def ended(child: subprocess.Popen[str], *, ask_first: bool = True) -> Iterator[None]:
    """End a program when the block is left by an exception: it is asked first, and killed if it does not listen.

    Who is killed at once cannot put away what it had begun: git leaves its lock in the user's checkout, a builder its
    containers.
    """
    try:
        yield
    except BaseException:
        try:
            if ask_first:
                child.terminate()
                child.communicate(timeout=_END_SECONDS)
        except (subprocess.TimeoutExpired, ValueError):  # ValueError: its output is read no more
            pass
        finally:
            child.kill()
            child.wait()
        raise


def _short(argv: Sequence[str]) -> str:
    """Return a command's name with its first words, enough to know it by."""
    return " ".join([Path(argv[0]).name, *argv[1:3]])


def _tail(result: Result, masked: Sequence[str]) -> str:
    """Return the last lines that a command printed, without the secrets."""
    tail = "\n".join((result.stderr or result.stdout).strip().splitlines()[-15:])
    for secret in filter(None, masked):
        tail = tail.replace(secret, "***")
    return tail


def spawn(argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> int:
    """Start a process that outlives kitctl, in a session of its own.

    Args:
        argv: Program and arguments.
        log: File that takes its stdout and stderr (appended, mode 0600).
        env: Variables added to the caller's environment.
        cwd: Working directory.

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
        ).pid
