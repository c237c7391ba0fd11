"""The objects that a file wants, by section, with the field names of Airflow's REST API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

from kitctl.errors import ExitCode, KitError
from kitctl.model.objects.rules import (
    JSON,
    MAPPING,
    MASK,
    NAMES,
    NUMBER,
    PERMISSIONS,
    SECTIONS,
    TEXT,
    YES_NO,
    Section,
    data,
    leaves,
)

_SOURCES = "{env: NAME}, {file: PATH} or {secret: {name: NAME, key: KEY}}"


class Reference(NamedTuple):
    """Where a text comes from: an environment variable, a file, or a key of a Secret."""

    source: str
    target: str
    key: str = ""

    def __str__(self) -> str:
        """Return what it names, in words."""
        if self.source == "secret":
            return f"the key {self.key} of the Secret {self.target}"
        return f"the {'variable' if self.source == 'env' else 'file'} {self.target}"


@dataclass(frozen=True)
class Wanted:
    """An object of the file; in `fields`, references are still mappings such as {"env": "NAME"}."""

    section: Section
    name: str
    fields: Mapping[str, Any]

    def __str__(self) -> str:
        """Return its place in the file."""
        return f"{self.section.name}.{self.name}"


def read(document: Any, name: str) -> list[Wanted]:
    """Check a document and return its objects, in the order in which they are written.

    Args:
        document: Objects by section and name.
        name: Name of the file, for errors.

    Raises:
        KitError: `objects-file-wrong`, `objects-key-unknown`.
    """
    wanted: list[Wanted] = []
    for key, objects in _mapping(document, name).items():
        if key not in SECTIONS:
            raise _unknown(name, key, SECTIONS)
        for one, fields in _mapping(objects, str(key)).items():
            place = f"{key}.{one}"
            if not isinstance(one, str) or not one:
                raise wrong(place, "a name must be a text; put it in quotes")
            short = key == "variables" and not (isinstance(fields, dict) and "value" in fields)
            wanted.append(_object(SECTIONS[key], one, {"value": fields} if short else _mapping(fields, place)))
    return sorted(wanted, key=lambda w: list(SECTIONS).index(w.section.name))


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the sections that a document names, those without objects too.

    Args:
        document: As `read` takes it, and has checked it.
    """
    return [SECTIONS[key] for key in document]


def _object(section: Section, name: str, fields: Mapping[Any, Any]) -> Wanted:
    wanted = Wanted(section, name, fields)
    for field, value in fields.items():
        if field not in section.fields:
            raise _unknown(str(wanted), field, section.fields)
        if is_broken(value):
            raise wrong(f"{wanted}.{field}", "a reference to a Secret is {secret: {name: NAME, key: KEY}}")
        if not fits(value, section.fields[field]):
            raise wrong(f"{wanted}.{field}", f"must be {section.fields[field]}")
        if field == "password" and value is not None and reference(value) is None:
            raise wrong(f"{wanted}.{field}", f"a password must be a reference: {_SOURCES}")
    for field in section.required:
        if field not in fields:
            raise wrong(str(wanted), f"the field {field} is missing")
    return wanted


def reference(value: Any) -> Reference | None:
    """Return what a reference names; None for any other value."""
    if isinstance(value, dict) and len(value) == 1:
        (source, target), *_ = value.items()
        if source in ("env", "file") and isinstance(target, str) and target:
            return Reference(source, target)
        if source == "secret" and isinstance(target, dict) and sorted(target) == ["key", "name"]:
            name, key = target["name"], target["key"]
            if all(isinstance(part, str) and part for part in (name, key)):
                return Reference(source, name, key)
    return None


def is_broken(value: Any) -> bool:
    """Whether a value is almost a reference to a Secret, or has one inside: nobody means that as data."""
    if isinstance(value, dict):
        target = value.get("secret")
        near = len(value) == 1 and isinstance(target, dict) and bool({"name", "key"} & set(target))
        return (near and reference(value) is None) or any(is_broken(inner) for inner in value.values())
    return isinstance(value, list) and any(is_broken(inner) for inner in value)


def holds_reference(value: Any) -> bool:
    """Whether a value is a reference, looks like one, or has one inside."""
    if reference(value) is not None or is_broken(value):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(holds_reference(one) for one in inner)


def fits(value: Any, kind: str) -> bool:
    """Whether a field takes a value, or a reference in its place."""
    if kind in (NUMBER, YES_NO):
        return isinstance(value, bool) if kind == YES_NO else isinstance(value, int) and not isinstance(value, bool)
    if kind in (NAMES, PERMISSIONS):
        return is_names(value) if kind == NAMES else isinstance(value, dict) and all(map(is_names, value.values()))
    content = data(value) if kind in (JSON, MAPPING) else value
    if any(leaf == MASK for leaf in leaves(content)):
        return False  # Airflow would keep the old value instead
    if reference(value):
        return True
    if kind == TEXT:
        return value is None or isinstance(value, str)
    return is_json(value) and ((kind == JSON and value is not None) or isinstance(content, dict))


def is_names(value: Any) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(one, str) and one for one in value)


def is_json(value: Any) -> bool:
    """Whether JSON has this value: no date, no infinite number, no key that is not a text."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(is_json(inner) for inner in value)
    finite = not isinstance(value, float) or abs(value) < float("inf")
    return finite and (value is None or isinstance(value, str | int | float | bool))


def _mapping(value: Any, place: str) -> Mapping[Any, Any]:
    if not isinstance(value, dict):
        raise wrong(place, "must be a mapping")
    return value


def wrong(place: str, reason: str) -> KitError:
    """Return the error of a place of the file."""
    return KitError(
        "objects-file-wrong",
        f"{place}: {reason}",
        cause="The file is checked as a whole before anything is written",
        fix="Correct this line; docs/objects.md lists the fields",
        code=ExitCode.PREFLIGHT,
    )


def _unknown(place: str, key: Any, known: Mapping[str, Any]) -> KitError:
    near = get_close_matches(str(key), known, n=1)
    return KitError(
        "objects-key-unknown",
        f"{place}: {key} is not a known key",
        cause=f"Known here: {', '.join(known)}",
        fix=f"Did you mean {near[0]}?" if near else "Remove it, or use one of the known keys",
        code=ExitCode.PREFLIGHT,
    )
