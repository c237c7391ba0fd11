"""How a use case tells where it is; commands/console/progress.py shows it. Use cases never print."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

Ask = Callable[[str], bool]
"""Puts a yes-or-no question to the user. Raises KitError `confirmation-needed` where nobody can answer."""


class Steps(Protocol):
    """A list of named steps, one at a time."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """Begin a step; it ends with the block, failed if an exception leaves it."""
        ...

    def note(self, line: str) -> None:
        """Tell what the step is doing now; a repeated line is shown once."""
        ...
