"""Writes kitctl/model/data/pod_schema.json: field names and types of a Pod, for checking templates without a cluster.

Run it with the development dependencies, which carry Kubernetes' own schemas:

    uv run python scripts/pod_schema.py > kitctl/model/data/pod_schema.json

Each type is {field: type}; a type is another type's name, a JSON type, ["…"] for a list, or {"": "…"} for a map with
free keys. A field that any of the versions knows is known: the API server of the cluster has the last word. `required`
has the fields of each type that no version does without.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate

VERSIONS = ("1.30", "1.36")
SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"


def short(name: str) -> str:
    """Return the last part of a type's long name."""
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[-1]


def shape(part: dict[str, Any]) -> Any:
    """Reduce one property to its type."""
    if "$ref" in part:
        return short(part["$ref"])
    kind = part.get("type")
    kind = next((k for k in kind if k != "null"), "any") if isinstance(kind, list) else kind
    if kind == "array":
        return [shape(part.get("items", {}))]
    if kind == "object" and isinstance(part.get("additionalProperties"), dict):
        return {"": shape(part["additionalProperties"])}
    return kind or "any"


def named(kind: Any) -> str:
    """Return the type inside lists and maps."""
    while not isinstance(kind, str):
        kind = kind[0] if isinstance(kind, list) else kind[""]
    return kind


def main() -> None:
    """Print the JSON document."""
    types: dict[str, Any] = {}
    required: dict[str, set[str]] = {}
    for version in VERSIONS:
        found = json.loads((SCHEMAS / f"v{version}.0-local" / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
        definitions = {
            short(name): body for name, body in found.items() if ".api.core.v1." in name or "machinery" in name
        }
        todo, done = ["Pod"], set()
        while todo:
            name = todo.pop()
            if name in done or name not in definitions:
                continue
            done.add(name)
            fields = {key: shape(part) for key, part in definitions[name].get("properties", {}).items()}
            needed = set(definitions[name].get("required", []))
            required[name] = required.get(name, needed) & needed
            if fields:
                types[name] = {**types.get(name, {}), **fields}
                todo += [named(kind) for kind in fields.values()]
            else:
                types[name] = shape({k: v for k, v in definitions[name].items() if k != "$ref"})
    # What the server fills in is no part of a template.
    types["Pod"].pop("status", None)
    kept, todo = {}, ["Pod"]
    while todo:
        name = todo.pop()
        if name in kept or name not in types:
            continue
        kept[name] = types[name]
        if isinstance(types[name], dict):
            todo += [named(kind) for kind in types[name].values()]
    needed = {name: sorted(fields) for name, fields in required.items() if fields and name in kept}
    comment = "Made by scripts/pod_schema.py."
    document = {"comment": comment, "kubernetes": list(VERSIONS), "required": needed, "types": kept}
    json.dump(document, sys.stdout, separators=(",", ":"), sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
