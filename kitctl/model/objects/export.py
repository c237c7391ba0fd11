"""Makes a document that `kitctl objects apply` takes from what Airflow's API answers; secrets become references."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kitctl.model.objects.rules import (
    BUILT_IN_ROLES,
    DEFAULT_POOL,
    MAPPING,
    MASK,
    SECTIONS,
    Section,
    data,
    is_masked,
    shape,
)
from kitctl.model.objects.wanted import holds_reference, is_json

_NAMES = {"pools": "pool", "variables": "variable", "connections": "connection"}


@dataclass(frozen=True)
class Unfilled:
    """A secret that the API does not show.

    Attributes:
        place: Where it stands in the document, such as "connections.warehouse.password".
        reference: What stands there, such as {"env": "CONNECTION_WAREHOUSE_PASSWORD"}.
    """

    place: str
    reference: dict[str, Any]


@dataclass(frozen=True)
class ObjectsExport:
    """The report of `kitctl objects export`.

    Attributes:
        objects: The document: objects by section and name.
        references: Secrets that somebody has to fill in.
        left_out: Places that no file can have, with the reason.
    """

    objects: dict[str, dict[str, Any]]
    references: list[Unfilled]
    left_out: list[str]


def export(found: Mapping[str, Sequence[dict[str, Any]]], secret: str, first_user: str = "") -> ObjectsExport:
    """Return the document of a release.

    Args:
        found: The API's answers, by section.
        secret: Name of the Secret that references mean; "" for environment variables.
        first_user: The user that the chart makes, who is left out, as Airflow's own roles are.
    """
    writer = _Writer(secret)
    own = {"roles": BUILT_IN_ROLES, "users": {first_user}}
    objects = {
        name: {
            str(one[SECTIONS[name].id]): writer.object(SECTIONS[name], shape(SECTIONS[name], one))
            for one in answers
            if one[SECTIONS[name].id] not in own.get(name, ())
        }
        for name, answers in found.items()
    }
    kept = {name: {one: fields for one, fields in by.items() if fields is not None} for name, by in objects.items()}
    return ObjectsExport({name: by for name, by in kept.items() if by}, writer.references, writer.left_out)


@dataclass
class _Writer:
    secret: str
    references: list[Unfilled] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def object(self, section: Section, answer: Mapping[str, Any]) -> Any:
        name = str(answer[section.id])
        # Airflow does not let anybody change another field of this pool.
        fields = {"slots", "include_deferred"} if (section.name, name) == ("pools", DEFAULT_POOL) else section.fields
        values = {one: answer.get(one) for one in section.fields if one in fields}
        if section.name == "users":
            del values["password"]  # nobody knows it, and another one would replace it
        if section.name == "variables" and values["value"] is None:
            self.left_out.append(f"variables.{name}: Airflow cannot decrypt its value")
            return None
        written = dict(self._fields(section, name, values))
        short = section.name == "variables" and list(written) == ["value"]
        is_long = isinstance(written.get("value"), dict) and "value" in written["value"]
        return written["value"] if short and not is_long else written

    def _fields(self, section: Section, name: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for one, value in values.items():
            if value in (None, "") and one not in section.required:
                continue
            place = [section.name, name] if (section.name, one) == ("variables", "value") else [section.name, name, one]
            text = data(value)
            if section.fields[one] == MAPPING and not isinstance(text, dict):
                self.left_out.append(f"{'.'.join(place)}: it is not a mapping")
                continue
            if section.of_fab:
                yield one, value
            elif text != {} or one in section.required:
                yield one, self._value(value, place)

    def _value(self, value: Any, place: list[str]) -> Any:
        """Return JSON as data, where that cannot be mistaken for a reference; other texts as they are."""
        content = data(value)
        if isinstance(content, dict | list) and is_json(content) and not holds_reference(content):
            return self._filled(content, place)
        return self._reference(place) if is_masked(value) else value

    def _filled(self, value: Any, place: list[str]) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(inner, [*place, key]) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner, [*place, str(number)]) for number, inner in enumerate(value)]
        return self._reference(place) if isinstance(value, str) and MASK in value else value

    def _reference(self, place: list[str]) -> dict[str, Any]:
        name = self._name(".".join([_NAMES[place[0]], *place[1:]]))
        reference = {"secret": {"name": self.secret, "key": name}} if self.secret else {"env": name}
        self.references.append(Unfilled(".".join(place), reference))
        return reference

    def _name(self, place: str) -> str:
        """Return a name that no other reference has; each kind allows other characters."""
        name = re.sub(r"[^-._A-Za-z0-9]", "_", place) if self.secret else re.sub(r"[^A-Z0-9]", "_", place.upper())
        numbers = (f"{name}_{number}" for number in range(2, len(self.names) + 3))
        name = next(one for one in (name, *numbers) if one not in self.names)
        self.names.add(name)
        return name
