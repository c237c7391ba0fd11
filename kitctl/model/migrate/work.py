"""The state of one migration, and what a change of a value can do with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kitctl.model.migrate.document import Document, Place
from kitctl.model.migrate.new_values import NewValues
from kitctl.model.migrate.result import Line, NewSecret, Verdict
from kitctl.model.migrate.secrecy import secrets_in, tells
from kitctl.model.values.keys.peers import Names, names

KEYS_SECRET = "my-airflow-keys"  # noqa: S105 - a name
VARIABLES_SECRET = "my-airflow-variables"  # noqa: S105 - a name

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")

Outcome = tuple[Verdict, str]
"""What became of a value, and why."""


@dataclass
class Work:
    """One migration.

    Attributes:
        old: The old files.
        chart: For which chart they were written.
        executors: The executors of the old release, with the names of Airflow 3.
        new: The new file.
        secrets: Secrets to create.
        lines: What became of each key.
    """

    old: Document
    chart: str
    executors: tuple[str, ...]
    new: NewValues = field(default_factory=NewValues)
    secrets: list[NewSecret] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    _told: set[Names] = field(default_factory=set)

    def has(self, executor: str) -> bool:
        """Say whether the release has an executor; classes of the image count as neither."""
        return any(name.split(":")[-1] == executor for name in self.executors)

    def off(self, key: Names) -> str:
        """Say why a key of the new file would do nothing in this release, or ""."""
        door = key[:2] == ("ingress", "flower")
        celery = door or key[:2] == ("workers", "celery") or key[:1] in (("broker",), ("flower",))
        if celery and not self.has("CeleryExecutor"):
            return "there are no Celery workers"
        return "Flower is off" if door and self.old.find("flower.enabled") is not True else ""

    def section_off(self, key: Names) -> str:
        """Return the section above a key of the old files that is switched off, or ""."""
        for depth in range(len(key) - 1, 0, -1):
            above = key[:depth]
            if key != (*above, "enabled") and self.old.value((*above, "enabled")) is False:
                return ".".join(above)
        return ""

    def comments(self, key: Names, depth: int) -> tuple[str, ...]:
        """Return the comments of a section above a key, once."""
        above = key[:depth]
        if depth >= len(key) or above in self._told:
            return ()
        self._told.add(above)
        return clean(self.old.place(above)).above


def clean(place: Place) -> Place:
    """Leave out comments that may quote a secret."""
    beside = "" if tells(place.beside) else place.beside
    text = "" if any(tells(line) for line in place.text.split("\n") if "#" in line) else place.text
    return Place(place.file, place.line, tuple(line for line in place.above if not tells(line)), beside, text)


@dataclass(frozen=True)
class Item:
    """A value that changes.

    Attributes:
        work: The migration.
        key: Its old key.
        value: It, as plain data; of a section, only the keys that no other rule is about.
        to: Keys of the kit that the rule names.
        args: Words behind the name of the change.
        text: What the rule says of the change, for people.
        used: Keys that it set.
    """

    work: Work
    key: Names
    value: Any
    to: tuple[str, ...]
    args: tuple[str, ...] = ()
    text: str = ""
    used: list[str] = field(default_factory=list)

    @property
    def dotted(self) -> str:
        """Its old key as people write it."""
        return ".".join(self.key)

    def near(self, name: str, default: Any = None) -> Any:
        """Return a value that stands beside it in the old file."""
        value = self.work.old.value((*self.key[:-1], name))
        return default if value is None else value

    def targets(self) -> list[Names]:
        """Return the keys that the rule names, without those that would do nothing in this release."""
        every = [names(to) for to in self.to]
        useful = [key for key in every if not self.work.off(key)]
        if not self.work.has("KubernetesExecutor"):
            pods = [key for key in useful if key[:1] == ("workers",) and key[:2] != ("workers", "celery")]
            useful = [key for key in useful if key not in pods] or useful
        return useful

    def put(self, key: Names | str, value: Any, *, verbatim: bool = False) -> Outcome:
        """Set a key of the new file.

        Args:
            key: The key.
            value: Plain data.
            verbatim: The value is the old one, so it keeps its text.

        Returns:
            CHANGED, or DECIDE where it holds a secret, or another old key set another value.
        """
        key = names(key) if isinstance(key, str) else key
        if found := [".".join(place) or key[-1] for place in secrets_in(value, (key[-1],))]:
            return self.hidden(key, found)
        place = clean(self.work.old.place(self.key))
        if not verbatim:
            place = replace(place, text="")
        if self.work.old.is_default(self.key):
            place = replace(place, above=("# A default of the other chart.",))
        fresh = [depth for depth in range(1, len(key)) if self.work.new.get(key[:depth]) is None]
        if not self.work.new.put(key, value, place):
            taken = ".".join(key)
            return Verdict.DECIDE, f"another key set {taken} to another value, which stays: choose one of them"
        for depth in fresh:
            self.work.new.note(key[:depth], self.work.comments(self.key, depth))
        self.used.append(".".join(key))
        return Verdict.CHANGED, ""

    def hidden(self, key: Names, found: Iterable[str]) -> Outcome:
        """Refuse a value with a secret in it."""
        where = ", ".join(found)
        return Verdict.DECIDE, (
            f"it holds a secret ({where}): put that into a Secret, and set {'.'.join(key)} with a reference to it"
        )

    def secret(self, name: str, key: str, source: str = "") -> None:
        """Ask for a Secret with this value."""
        place = self.work.old.place(self.key)
        self.work.secrets.append(NewSecret(name, key, source or f"the value of {self.dotted} ({place})"))


def shown(value: Any) -> str:
    """Return the name of an object for a message; anything else could be a secret in the wrong place."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else "…"


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Join outcomes: the one that asks most of the reader, and all reasons."""
    order = [Verdict.UNSET, Verdict.CARRIED, Verdict.CHANGED, Verdict.DROPPED, Verdict.DECIDE]
    every = list(outcomes)
    if not every:
        return Verdict.UNSET, ""
    top = max((verdict for verdict, _ in every), key=order.index)
    return top, "; ".join(dict.fromkeys(why for _, why in every if why))


def empty(value: Any) -> bool:
    """Say whether a value says nothing: null, "", [] or {}."""
    return value is None or value == "" or (isinstance(value, list | Mapping) and not value)


def templated(value: Any) -> bool:
    """Say whether a text is a Helm template, which only the chart that it was written for can read."""
    return isinstance(value, str) and "{{" in value
