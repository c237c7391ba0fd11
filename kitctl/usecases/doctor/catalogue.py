"""The catalogue of checks: each file in the folders of `checks/` is one, known by its name.

A file has `CHECK`, which describes it, and `look`, which returns what it finds. One with a safe way to put it right
has `mend`, too. docs/doctor.md lists them all; a test compares both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kitctl.errors import ExitCode, KitError
from kitctl.model.options.purpose import Purpose

if TYPE_CHECKING:
    from kitctl.usecases.doctor.facts import Facts
    from kitctl.usecases.doctor.findings import Outcome

GROUPS = ("host", "tools", "cluster", "release", "inside")
"""Folders of `checks/`, in the order of the report."""
ALL = frozenset(Purpose)
RELEASE = frozenset({Purpose.UP, Purpose.DEPLOY})
MACHINE = frozenset({Purpose.UP, Purpose.BUILD})
_FOLDER = Path(__file__).parent / "checks"


@dataclass(frozen=True)
class Check:
    """What is known of a check before it runs.

    Attributes:
        requires: What it asks for, as the page shows it.
        applies: When there is something to check.
        level: The worst that it can find.
        purposes: Values of --for with which it runs.
        seconds: Its time limit.
        mends: What --fix does about it; "" if nothing.
    """

    requires: str
    applies: str = "always"
    level: Literal["error", "warning"] = "error"
    purposes: frozenset[Purpose] = RELEASE
    seconds: float = 30.0
    mends: str = ""


@dataclass(frozen=True)
class Entry:
    """A check of the catalogue: its file name with dashes, its folder, and what the file has."""

    id: str
    group: str
    check: Check
    look: Callable[[Facts], Outcome]
    mend: Callable[[Facts], str] | None = None


@cache
def catalogue() -> tuple[Entry, ...]:
    """Return all checks, by group and name; a group begins with what the others of it stand on."""
    return tuple(_entry(group, path.stem) for group in GROUPS for path in sorted((_FOLDER / group).glob("[a-z]*.py")))


def _entry(group: str, stem: str) -> Entry:
    module = import_module(f"kitctl.usecases.doctor.checks.{group}.{stem}")
    return Entry(stem.replace("_", "-"), group, module.CHECK, module.look, getattr(module, "mend", None))


def known(ids: Collection[str]) -> frozenset[str]:
    """Return the IDs of --ignore, once each was found in the catalogue.

    Raises:
        KitError: `check-unknown` (code USAGE).
    """
    every = [entry.id for entry in catalogue()]
    for name in ids:
        if name not in every:
            close = get_close_matches(name, every, n=1)
            raise KitError(
                "check-unknown",
                f"kitctl doctor has no check {name!r}",
                cause=f"The checks are {', '.join(every)}",
                fix=f"Did you mean {close[0]}?" if close else "kitctl doctor -o json    # shows the ID of each check",
                code=ExitCode.USAGE,
            )
    return frozenset(ids)
