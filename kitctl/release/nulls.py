"""Values that are null: Helm takes one as "forget the chart's default", and the templates then fail in Go's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import data_dir
from kitctl.release.inputs import UserValues

_KINDS = {"object": "keys and values", "array": "a list", "integer": "a number", "boolean": "true or false"}


def refuse(user: UserValues) -> None:
    """Refuse null where the chart needs a section, a list, a number, a yes or no, or one of a few words.

    `scheduler:` alone in a file is null, and so is `replicas:`, which would be no pods. Other keys may be null: a text
    without a default is empty, and what Kubernetes types may be unset is its business.

    Raises:
        KitError: `values-wrong-type` with all such keys.
    """
    schema = json.loads((data_dir("chart") / "values.schema.json").read_text(encoding="utf-8"))
    found = [(key, wanted) for key in _null_keys(user) if (wanted := _wanted(schema, key))]
    if not found:
        return
    names = [".".join(key) for key, _ in found]
    kinds = ", ".join(f"{name} takes {wanted}" for name, (_, wanted) in zip(names, found, strict=True))
    raise KitError(
        "values-wrong-type",
        f"{', '.join(names)} must not be null",
        cause=f"null removes the chart's own value, and the templates need one: {kinds}",
        fix=f"Remove {names[0]} to use the chart's own value, which this shows:\n"
        f"scripts/tool helm show values {data_dir('chart')} | grep -n {found[0][0][-1]}:",
        code=ExitCode.PREFLIGHT,
    )


def _null_keys(user: UserValues) -> list[tuple[str, ...]]:
    """Return the paths that the user's values end at null, each once."""
    found = [key for document in user.documents for key in _nulls(document)]
    for pair in (part.strip() for text in user.sets for part in text.split(",")):
        name, equals, value = pair.partition("=")
        if equals and value.strip() == "null":
            found.append(tuple(name.split(".")))
    return list(dict.fromkeys(found))


def _nulls(node: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in node.items():
        if value is None:
            yield (*above, str(key))
        elif isinstance(value, Mapping):
            yield from _nulls(value, (*above, str(key)))


def _wanted(schema: Mapping[str, Any], key: tuple[str, ...]) -> str:
    """Return what a key of the chart's takes where it cannot be null, else ""; unknown keys are Helm's to refuse."""
    node: Mapping[str, Any] = schema
    for name in key:
        node = _resolved(schema, (node.get("properties") or {}).get(name) or {})
    if "enum" in node and None not in node["enum"]:
        return "one of " + ", ".join(map(str, node["enum"]))
    return _KINDS.get(str(node.get("type")), "")


def _resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(node.get("$ref", "")).rpartition("/")[2]
    return schema["$defs"][name] if name else node
