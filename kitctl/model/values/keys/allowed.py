"""What a key takes, in words: for the errors about values that the schema refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any


def allowed(pointer: str) -> str:
    """Say what a key takes.

    Args:
        pointer: Its place as Helm tells it, e.g. "/apiServer/service/nodePort" or "/env/0/name".

    Returns:
        For example "a whole number from 1 to 65535 (port)"; "" where only the reference can tell.
    """
    root = _schema()
    node = root
    for part in _parts(pointer):
        found = _child(_resolved(node, root), part)
        if not isinstance(found, dict):
            return str(_resolved(node, root).get("allowedKeys", "")) if found is False else ""
        node = found
    return _words(_resolved(node, root))


def keys(pointer: str) -> list[str]:
    """Return the names of all keys of a section, e.g. of "/apiServer"; "" is the whole file."""
    root = _schema()
    node: Any = root
    for part in _parts(pointer):
        node = _child(_resolved(node, root), part)
        if not isinstance(node, dict):
            return []
    return list(_resolved(node, root).get("properties", ()))


def exists(names: Sequence[str]) -> bool:
    """Say whether the values have a key, such as ("apiServer", "replicas"); a map of the user has any key."""
    root = _schema()
    node: Any = root
    for name in names:
        section = _resolved(node, root)
        node = _child(section, name)
        if node is None:  # JSON Schema allows any name where it lists none
            types = section.get("type")
            return "object" in (types if isinstance(types, list) else [types]) and "properties" not in section
        if not isinstance(node, dict):
            return bool(node)
    return True


def own(names: Sequence[str]) -> int:
    """Return how many names of a key are the chart's; the rest is in its value, such as `requests` in `resources`."""
    root = _schema()
    node: Any = root
    for count, name in enumerate(names):
        section = _resolved(node, root)
        if "kubernetes" in section or name not in section.get("properties", {}):
            return count
        node = section["properties"][name]
    return len(names)


@cache
def _schema() -> dict[str, Any]:
    from kitctl.model.values.root import Values  # noqa: PLC0415 - only errors need the whole model

    return Values.model_json_schema(by_alias=True)


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _resolved(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference, and choose what a key is when it is not null."""
    for alternative in node.get("anyOf", ()):
        if alternative.get("type") != "null":
            return _resolved({**node, "anyOf": (), **alternative}, root)
    if name := node.get("$ref"):
        return {**root["$defs"][str(name).rpartition("/")[2]], **{k: v for k, v in node.items() if k != "$ref"}}
    return node


def _child(node: dict[str, Any], name: str) -> dict[str, Any] | bool | None:
    """Return the schema of a part; False for a name that is not allowed there."""
    if name in node.get("properties", {}):
        return node["properties"][name]  # type: ignore[no-any-return]
    for pattern, schema in node.get("patternProperties", {}).items():
        if re.search(pattern, name):
            return schema  # type: ignore[no-any-return]
    if name.isdigit() and "items" in node:
        return node["items"]  # type: ignore[no-any-return]
    return node.get("additionalProperties")


_BY_TYPE = {
    "integer": "a whole number",
    "boolean": "true or false",
    "string": "text: put numbers in quotes",
    "array": "a list",
    "object": "keys and values",
}


def _words(node: dict[str, Any]) -> str:
    if words := node.get("allowed"):
        return str(words)
    if kind := node.get("kubernetes"):
        needed = " and ".join(node.get("required", ()))
        return f"what Kubernetes calls {kind}" + (f", with {needed}" if needed else "")
    if choices := node.get("enum"):
        return "one of " + ", ".join(str(choice) or '""' for choice in choices)
    if "maximum" in node:
        unit = f" ({node['unit']})" if "unit" in node else ""
        return f"a whole number from {node['minimum']} to {node['maximum']}{unit}"
    kinds = node.get("type")
    # A field of Kubernetes may be null as well, which says nothing to people.
    kind = next((k for k in kinds if k != "null"), "") if isinstance(kinds, list) else kinds
    return _BY_TYPE.get(str(kind), "")
