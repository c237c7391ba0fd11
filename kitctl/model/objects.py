"""The file of `kitctl objects`: connections, variables and pools, with the field names of Airflow's REST API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.strict_yaml import Loader

MASK = "***"
"""What Airflow answers in place of a secret, and what kitctl prints for one."""
_TEXT, _NUMBER, _YES_NO, _MAPPING, _JSON = "a text", "a whole number", "true or false", "a mapping", "JSON data"


@dataclass(frozen=True)
class Section:
    """A kind of object.

    Attributes:
        name: Key of the file, and the last part of the path in the API.
        id: Field of a request that holds the name of an object.
        fields: What each field takes.
        required: Field that a new object needs.
        masked: Fields whose values are never printed.
    """

    name: str
    id: str
    fields: Mapping[str, str]
    required: str
    masked: frozenset[str] = frozenset()


SECTIONS = {
    section.name: section
    for section in (
        Section("pools", "name", {"slots": _NUMBER, "description": _TEXT, "include_deferred": _YES_NO}, "slots"),
        Section("variables", "key", {"value": _JSON, "description": _TEXT}, "value"),
        Section(
            "connections",
            "connection_id",
            {
                **dict.fromkeys(("conn_type", "description", "host", "login", "schema", "password"), _TEXT),
                "port": _NUMBER,
                "extra": _MAPPING,
            },
            "conn_type",
            frozenset({"password", "extra"}),
        ),
    )
}


@dataclass(frozen=True)
class Wanted:
    """An object of the file; in `fields`, references are still mappings such as {"env": "NAME"}."""

    section: Section
    name: str
    fields: Mapping[str, Any]

    def __str__(self) -> str:
        """Return its place in the file."""
        return f"{self.section.name}.{self.name}"


def parse(text: str, name: str) -> list[Wanted]:
    """Read a file.

    Args:
        text: Its text.
        name: Its name, for errors.

    Raises:
        KitError: `objects-file-wrong`, `objects-key-unknown`.
    """
    try:
        found = yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as exc:
        # Only the problem and its line: PyYAML's own text quotes the file, which may hold secrets.
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise _wrong(f"{name} line {line}", exc.problem or "not YAML") from exc
    except (yaml.YAMLError, ValueError) as exc:  # ValueError: a date that does not exist
        raise _wrong(name, "not YAML") from exc
    wanted: list[Wanted] = []
    for key, objects in _mapping(found, name).items():
        if key not in SECTIONS:
            raise _unknown(name, key, SECTIONS)
        for one, fields in _mapping(objects, str(key)).items():
            place = f"{key}.{one}"
            if not isinstance(one, str) or not one:
                raise _wrong(place, "a name must be a text; put it in quotes")
            short = key == "variables" and not (isinstance(fields, dict) and "value" in fields)
            wanted.append(_object(SECTIONS[key], one, {"value": fields} if short else _mapping(fields, place)))
    return sorted(wanted, key=lambda w: list(SECTIONS).index(w.section.name))


def _object(section: Section, name: str, fields: Mapping[Any, Any]) -> Wanted:
    wanted = Wanted(section, name, fields)
    for field, value in fields.items():
        if field not in section.fields:
            raise _unknown(str(wanted), field, section.fields)
        if not fits(value, section.fields[field]):
            raise _wrong(f"{wanted}.{field}", f"must be {section.fields[field]}")
        if field == "password" and value is not None and reference(value) is None:
            raise _wrong(f"{wanted}.{field}", "a password must be a reference: {env: NAME} or {file: PATH}")
    if section.required not in fields:
        raise _wrong(str(wanted), f"the field {section.required} is missing")
    return wanted


def reference(value: Any) -> tuple[str, str] | None:
    """Return what a reference names, such as ("env", "TOKEN"); None for any other value."""
    if isinstance(value, dict) and len(value) == 1:
        (source, target), *_ = value.items()
        if source in ("env", "file") and isinstance(target, str) and target:
            return source, target
    return None


def fits(value: Any, kind: str) -> bool:
    """Whether a field takes a value, or a reference in its place."""
    if kind in (_NUMBER, _YES_NO):
        return isinstance(value, bool) if kind == _YES_NO else isinstance(value, int) and not isinstance(value, bool)
    if any(leaf == MASK for leaf in leaves(value)):
        return False  # Airflow would keep the old value instead
    if reference(value):
        return True
    if kind == _TEXT:
        return value is None or isinstance(value, str)
    return _is_json(value) and ((kind == _JSON and value is not None) or isinstance(value, dict))


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(_is_json(inner) for inner in value)
    finite = not isinstance(value, float) or abs(value) < float("inf")
    return finite and (value is None or isinstance(value, str | int | float | bool))


def leaves(value: Any) -> Iterator[Any]:
    """Return the scalars inside of a value."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


def same(old: Any, new: Any) -> bool | None:
    """Whether Airflow has a value already; None if its answer is masked, so that nobody can tell.

    Args:
        old: The API's answer; Airflow gives JSON back as a text.
        new: The wanted value.
    """
    if old in (None, "") or new in (None, ""):
        return old in (None, "") and new in (None, "")
    before = _data(old)
    if any(isinstance(leaf, str) and MASK in leaf for leaf in leaves(before)):
        return None
    return old == new or json.dumps(before, sort_keys=True) == json.dumps(_data(new), sort_keys=True)


def _data(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _mapping(value: Any, place: str) -> Mapping[Any, Any]:
    if not isinstance(value, dict):
        raise _wrong(place, "must be a mapping")
    return value


def _wrong(place: str, reason: str) -> KitError:
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
