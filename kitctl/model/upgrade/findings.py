"""What `kitctl upgrade-check` finds, and the report of all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from kitctl.errors import KitError
from kitctl.model.upgrade.packages import PackageChange

Level = Literal["error", "warning", "info"]
Status = Literal["ok", "warning", "error", "not-checked"]


@dataclass(frozen=True)
class Finding:
    """One thing that the upgrade changes.

    Attributes:
        id: Stable kebab-case name: of an error, of a rule of `dags check`, or ruff's code.
        level: error forbids the upgrade, warning needs a look, info is good to know.
        place: File and line, or a key of the values; "" if there is none.
        message: One sentence: what is wrong.
        cause: Why; "" if the message says it all.
        fix: What to do; "" if there is nothing to do.
    """

    id: str
    level: Level
    place: str
    message: str
    cause: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Area:
    """What was looked at, and what was found there.

    Attributes:
        name: Name of the area.
        status: The worst finding; `not-checked` if it was not possible, or only in part.
        message: What was compared, or why it was not possible.
        findings: What was found, worst first.
    """

    name: str
    status: Status
    message: str
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class UpgradeReport:
    """The report of `kitctl upgrade-check`.

    Attributes:
        ok: Whether nothing that was found forbids the upgrade; with --strict, also no warning and nothing unchecked.
        complete: Whether all areas were checked.
        current: Airflow version of today; "" if it is not known.
        current_from: How that is known.
        target: Airflow version to upgrade to.
        image: Image with the new version that was used; "" if there was none.
        areas: What was checked.
        packages: Packages that differ.
    """

    ok: bool
    complete: bool
    current: str
    current_from: str
    target: str
    image: str
    areas: list[Area]
    packages: list[PackageChange]


class NotPossibleError(Exception):
    """An area cannot be checked; the words say why."""


_ORDER = ("error", "warning", "info")


def area(name: str, message: str, findings: Iterable[Finding] = (), *, complete: bool = True) -> Area:
    """Return an area whose status is that of its worst finding.

    Args:
        name: Name of the area.
        message: What was compared.
        findings: What was found.
        complete: Whether all of it could be checked; only an error outweighs what could not.
    """
    found = sorted(findings, key=lambda finding: _ORDER.index(finding.level))
    worst = found[0].level if found else "info"
    if not complete and worst != "error":
        return Area(name, "not-checked", message, found)
    return Area(name, "ok" if worst == "info" else worst, message, found)


def unchecked(name: str, why: str) -> Area:
    """Return an area that could not be checked."""
    return Area(name, "not-checked", why)


def of_error(error: KitError, place: str = "", level: Level = "error") -> Finding:
    """Return the error of another part of the kit as a finding."""
    return Finding(error.id, level, place, error.message, error.cause, error.fix)
