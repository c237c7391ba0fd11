"""What a migration says: a verdict for each line, the Secrets to create, and the text of the new file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of a line.

    Attributes:
        CARRIED: The value is in the new file as it was, perhaps under another key.
        CHANGED: What it meant is in the new file or is how the kit works, in another form.
        UNSET: It says nothing: it is empty, or its section is switched off.
        DROPPED: The kit has nothing of the kind.
        DECIDE: Somebody has to decide or do something; the report says what.
    """

    CARRIED = "carried"
    CHANGED = "changed"
    UNSET = "unset"
    DROPPED = "dropped"
    DECIDE = "decide"


LOST = (Verdict.DROPPED, Verdict.DECIDE)
"""Verdicts after which the new file is not all that the old one was."""


@dataclass(frozen=True)
class Line:
    """One key of the old files.

    Attributes:
        file: File that sets it; "" for a default of the other chart.
        line: Line in that file, from 1; 0 for a default.
        key: Old key, dotted.
        verdict: What became of it.
        to: Keys of the new file that it set.
        why: The reason, or what to do.
    """

    file: str
    line: int
    key: str
    verdict: Verdict
    to: list[str]
    why: str

    @property
    def place(self) -> str:
        """Where it is, such as values.yaml:12."""
        return f"{self.file}:{self.line}" if self.line else "default"


@dataclass(frozen=True)
class NewSecret:
    """A Secret that has to exist, since values hold no secrets.

    Attributes:
        name: Its name, which the new file refers to.
        key: Key in it.
        source: Where its value is: an old key with its place, or how to make it.
    """

    name: str
    key: str
    source: str


@dataclass(frozen=True)
class Migration:
    """The result.

    Attributes:
        chart: The chart for which the old files were written: one of PEERS, or airflow-kit.
        sure: How sure that is: `given`, `certain` or `likely`.
        reason: Why.
        lines: What became of each key, in the order of the old files.
        secrets: Secrets to create.
        values: The new file.
    """

    chart: str
    sure: str
    reason: str
    lines: list[Line]
    secrets: list[NewSecret]
    values: str
