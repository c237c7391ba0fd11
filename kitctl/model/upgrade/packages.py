"""How the packages of two images differ, and how the requirements of two versions do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

Change = Literal["added", "removed", "newer", "major", "older", "changed"]


@dataclass(frozen=True)
class PackageChange:
    """A package that differs.

    Attributes:
        name: Its name on PyPI.
        old: Version of today, or what Airflow asks for today; "" if it is not there.
        new: The same after the upgrade.
        change: added, removed, newer, major (newer, with another first number) or older; changed for requirements.
    """

    name: str
    old: str
    new: str
    change: Change


def installed(old: Mapping[str, str], new: Mapping[str, str]) -> list[PackageChange]:
    """Compare the packages of two images, by name."""
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return [
        PackageChange(name, old.get(name, ""), new.get(name, ""), _kind(old.get(name), new.get(name))) for name in names
    ]


def _kind(old: str | None, new: str | None) -> Change:
    if not old or not new:
        return "removed" if old else "added"
    try:
        before, after = Version(old), Version(new)
    except InvalidVersion:
        return "newer"
    if after < before:
        return "older"
    return "major" if after.release[0] != before.release[0] else "newer"


def required(old: Iterable[str], new: Iterable[str]) -> list[PackageChange]:
    """Compare what two versions of a project ask for, optional parts left out."""
    before, after = _specifiers(old), _specifiers(new)
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    kinds: dict[str, Change] = {name: "changed" if name in before and name in after else "added" for name in names}
    kinds |= {name: "removed" for name in names if name not in after}
    return [PackageChange(name, before.get(name, ""), after.get(name, ""), kinds[name]) for name in names]


def _specifiers(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for line in lines:
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        marker = str(wanted.marker or "")
        if "extra" not in marker:
            words = f"{wanted.specifier or 'any version'}" + (f" if {marker}" if marker else "")
            found.setdefault(canonicalize_name(wanted.name), []).append(words)
    return {name: "; ".join(sorted(words)) for name, words in found.items()}
