"""Each refusal in Helm's words on its own: of the schema, of the chart's rules, or of Helm itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kitctl.errors import KitError
from kitctl.tools.helm.errors import explain, of_chart, of_schema

_BULLET = re.compile(r"^(\s*)- at '([^']*)': (.+)$", re.MULTILINE)
_NAMES = re.compile(r"^(additional properties|missing propert(?:y|ies)) (.+?)( not allowed)?$")
_POD = re.compile(r"^(?:In )?(workers\.(?:profiles|templates)\.[^\s,]+|templates\.podTemplate)[\s,]")
_GROUPS = ("'anyOf' failed", "anyOf failed", "validation failed", "want null")


@dataclass(frozen=True)
class Refusal:
    """One refusal.

    Attributes:
        error: What is refused, why, and what to do.
        place: The key of the values without which Helm could go on; () where it is not known.
        by_kit: Whether the schema or a rule of the chart refuses it; Helm itself does otherwise.
    """

    error: KitError
    place: tuple[str, ...] = ()
    by_kit: bool = True


def each(words: str, files: Sequence[Path] = (), sets: Sequence[str] = ()) -> list[Refusal]:
    """Read Helm's words; the arguments are those of `explain`."""
    if of_schema(words):
        units = dict.fromkeys(_units(words))
        return [Refusal(explain(f"- at '{at}': {why}", files, sets), _place(at, why)) for at, why in units]
    if found := of_chart(words):
        return [Refusal(error, _pod(error)) for error in found]
    return [Refusal(explain(words, files, sets), by_kit=False)]


def _units(words: str) -> Iterator[tuple[str, str]]:
    """Yield place and reason of each key; of the reasons for one place, only the first that says something."""
    told = set[str]()
    for _, at, why in _BULLET.findall(words):
        if found := _NAMES.match(why):
            what, names, end = found.groups()
            yield from ((at, f"{what} '{name}'{end or ''}") for name in re.findall(r"'([^']*)'", names))
        elif not why.endswith(_GROUPS) and at not in told:
            told.add(at)
            yield at, why


def _place(at: str, why: str) -> tuple[str, ...]:
    named = _NAMES.match(why)
    name = re.findall(r"'([^']*)'", named[2]) if named and named[1].startswith("additional") else []
    return tuple(part for part in (*at.split("/"), *name) if part)


def _pod(error: KitError) -> tuple[str, ...]:
    """Return the key that holds a refused worker pod: its rules end the render at the first that is broken."""
    found = _POD.match(f"{error.message} ")
    return tuple(found[1].split(".", 2)) if found else ()
