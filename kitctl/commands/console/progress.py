"""Named steps with a mark and seconds on stderr: a line that moves on a terminal, plain lines everywhere else."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings

_MARKS = {True: ("✓", "32"), False: ("✗", "31")}


class Progress:
    """Shows steps; fits `kitctl.release.operation.Steps`."""

    def __init__(
        self,
        settings: Settings,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Show nothing yet.

        Args:
            settings: Quiet, colour.
            out: Where to show; None means stderr.
            clock: Clock in seconds.
        """
        self._out = out or sys.stderr
        self._quiet, self._clock = settings.quiet, clock
        self._moving = self._out.isatty() and not settings.verbose
        self._color = settings.color and self._out.isatty()
        self._name, self._begin, self._last = "", 0.0, ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step for as long as the block runs."""
        self._name, self._begin, self._last = name, self._clock(), ""
        self._show(f"… {name}") if self._moving else self._line(f"- {name}")
        try:
            yield
        except BaseException:
            self._end(good=False)
            raise
        self._end(good=True)

    def note(self, line: str) -> None:
        """Show what the step is doing now."""
        if line == self._last:
            return
        self._last = line
        if self._moving and self._name:
            self._show(f"… {self._name}: {line}")
        else:
            self._line(f"    {line}" if self._name else line)

    def _end(self, *, good: bool) -> None:
        mark, color = _MARKS[good]
        mark = f"\033[{color}m{mark}\033[0m" if self._color else mark
        took = f" ({self._clock() - self._begin:.1f} s)"
        detail = f": {' '.join(self._last.split())}" if self._last and self._moving else ""
        if self._moving:
            detail = _cut(detail, self._width() - len(f"x {self._name}{took}"))
            if not self._quiet:
                self._out.write("\r\033[K")
        self._line(f"{mark} {self._name}{detail}{took}")
        self._name = ""

    def _show(self, text: str) -> None:
        """Rewrite the moving line, cut to the terminal so that it never wraps."""
        if not self._quiet:
            self._out.write("\r\033[K" + _cut(" ".join(text.split()), self._width()))
            self._out.flush()

    def _width(self) -> int:
        return shutil.get_terminal_size().columns - 1

    def _line(self, text: str) -> None:
        if not self._quiet:
            self._out.write(text + "\n")
            self._out.flush()


def _cut(text: str, width: int) -> str:
    """Return a text that fits; what is left of a detail too short to be read is left out."""
    if len(text) <= width:
        return text
    return text[: width - 1] + "…" if width > len(": x…") else ""


def asker(settings: Settings) -> Callable[[str], bool]:
    """Return what puts questions to the user: --yes answers all, and without a terminal nobody is asked.

    Args:
        settings: Carries --yes.
    """

    def ask(question: str) -> bool:
        if settings.yes:
            return True
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise KitError(
                "confirmation-needed",
                question,
                cause="kitctl asks this question, but there is no terminal to answer it",
                fix="--yes    # or KITCTL_YES=1: answers yes",
                code=ExitCode.PREFLIGHT,
            )
        sys.stderr.write(f"\r\033[K{question} [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    return ask
