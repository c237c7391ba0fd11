"""Fields and types of a pod, as Kubernetes defines them, vendored as names (scripts/pod_schema.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import JsonValue

_SCALARS: dict[str, list[JsonValue]] = {
    "string": ["string"],
    "integer": ["integer"],
    "boolean": ["boolean"],
    "number": ["number"],
    "Quantity": ["string", "number"],
    "IntOrString": ["string", "integer"],
    "Time": ["string"],
}


@cache
def _document() -> dict[str, Any]:
    text = (files("kitctl.model") / "data" / "pod_schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def types() -> dict[str, Any]:
    """Return each type by its name: {field: type}, a JSON type, or "any".

    A type is another type's name, a JSON type, ["…"] for a list, or {"": "…"} for a map with free keys.
    """
    found: dict[str, Any] = _document()["types"]
    return found


def required(kind: str) -> list[str]:
    """Return the fields of a type that no supported version of Kubernetes does without."""
    found: list[str] = _document()["required"].get(kind, [])
    return found


def fields(kind: str, own: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the JSON Schema of a type, without its `type`: the types of its fields.

    Fields that are not listed are accepted, since a cluster may be newer than the list.

    Args:
        kind: A type of Kubernetes, such as "Container".
        own: What the chart checks itself, by type, also inside of other types; its properties replace those here.
    """
    mine = own.get(kind, {})
    listed = types().get(kind)
    found = {name: _of(part, own) for name, part in (listed if isinstance(listed, dict) else {}).items()}
    return {**mine, "properties": {**found, **mine.get("properties", {})}}


def _of(part: Any, own: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of a field, which may always be null: Kubernetes takes that for absent."""
    if isinstance(part, list):
        return {"type": ["array", "null"], "items": _filled(_of(part[0], own))}
    if isinstance(part, dict):
        return {"type": ["object", "null"], "additionalProperties": _of(part[""], own)}
    listed = types().get(part)
    scalar = part if part in _SCALARS else listed
    if isinstance(scalar, str) and scalar in _SCALARS:
        return {"type": [*_SCALARS[scalar], "null"]}
    if not isinstance(listed, dict):
        return {}
    return {"type": ["object", "null"], **fields(part, own)}


def _filled(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an entry of a list, which must not be null."""
    match schema.get("type"):
        case [kind, "null"]:
            return {**schema, "type": kind}
        case [*kinds]:
            return {**schema, "type": [kind for kind in kinds if kind != "null"]}
    return schema
