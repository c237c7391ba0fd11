"""Figures with their targets, as a table for people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        name: What was measured.
        value: What came out; None where it cannot be measured here.
        unit: Unit of value and target.
        target: What the kit must reach; None for a figure without a target.
        best: "low" where less is better, "high" where more is.
        note: How it was measured, or why it was not.
    """

    name: str
    value: float | None
    unit: str
    target: float | None = None
    best: str = "low"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is no target or no figure."""
        if self.value is None or self.target is None:
            return None
        return self.value <= self.target if self.best == "low" else self.value >= self.target

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "name": self.name,
            "value": None if self.value is None else round(self.value, 3),
            "unit": self.unit,
            "target": self.target,
            "best": self.best,
            "met": self.met,
            "note": self.note,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie, the nearest one that was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def table(figures: Sequence[Figure]) -> str:
    """Lay figures out for people."""
    rows = [("what", "measured", "target", "", "how")]
    for figure in figures:
        sign = "≤" if figure.best == "low" else "≥"
        rows.append(
            (
                figure.name,
                "-" if figure.value is None else f"{figure.value:.3g} {figure.unit}",
                "" if figure.target is None else f"{sign} {figure.target:g} {figure.unit}",
                {True: "met", False: "MISSED", None: ""}[figure.met],
                figure.note,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)), row[4]]).rstrip()
        for row in rows
    )
