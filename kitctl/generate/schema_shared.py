"""Writes what a JSON schema says more than once into `$defs`: Helm compiles each copy, at every call of it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

MAPS_OF_SCHEMAS = ("properties", "patternProperties", "$defs")
"""Words whose keys are names of the user's keys, and whose values are schemas."""
_DATA = ("default", "enum", "required", "type", "const", "examples")
"""Words whose values are no schemas."""
_OWN = ("description", "default")
"""Words that belong to the place and not to what is shared."""
_SHORTEST = 60
"""Characters below which a reference is no shorter than what it stands for."""


def shared(document: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the same meaning in which parts that occur again are references.

    Args:
        document: A schema whose references all go to its own `$defs`.
    """
    return _Shared(document).made()


class _Shared:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._seen: Counter[str] = Counter()
        self._count(document)
        self._names: dict[str, str] = {}
        self._defs: dict[str, Any] = {}

    def made(self) -> dict[str, Any]:
        body = {word: part for word, part in self._document.items() if word != "$defs"}
        defs = {name: self._inside(part) for name, part in self._document.get("$defs", {}).items()}
        written = self._inside(body)
        return {**written, "$defs": {**defs, **self._defs}}

    def _count(self, node: object, *, named: bool = False) -> None:
        if isinstance(node, list):
            for item in node:
                self._count(item)
        if not isinstance(node, dict):
            return
        if not named:
            self._seen[_content(node)] += 1
        for word, part in node.items():
            if named or word not in _DATA:
                self._count(part, named=not named and word in MAPS_OF_SCHEMAS)

    def _write(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._write(item) for item in node]
        if not isinstance(node, dict):
            return node
        content = _content(node)
        if self._seen[content] < 2 or len(content) < _SHORTEST:  # noqa: PLR2004 - once is not again
            return self._inside(node)
        if content not in self._names:
            self._names[content] = self._name(str(node.get("kubernetes") or "Shared"))
            self._defs[self._names[content]] = self._inside({k: v for k, v in node.items() if k not in _OWN})
        return {"$ref": f"#/$defs/{self._names[content]}", **{k: node[k] for k in _OWN if k in node}}

    def _inside(self, node: Any, *, named: bool = False) -> Any:
        """Write the parts of a schema, or of a map of schemas, without making the whole a reference."""
        if not isinstance(node, dict):
            return self._write(node)
        return {
            word: self._inside(part, named=True)
            if not named and word in MAPS_OF_SCHEMAS
            else part
            if not named and word in _DATA
            else self._write(part)
            for word, part in node.items()
        }

    def _name(self, wanted: str) -> str:
        taken = {*self._document.get("$defs", {}), *self._names.values()}
        if wanted not in taken and wanted != "Shared":
            return wanted
        return next(name for number in range(1, len(taken) + 2) if (name := f"{wanted}{number}") not in taken)


def _content(node: dict[str, Any]) -> str:
    return json.dumps({word: part for word, part in node.items() if word not in _OWN}, sort_keys=True)
