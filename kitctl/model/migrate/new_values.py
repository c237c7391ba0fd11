"""The new values file while it is being made, and its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from kitctl.model.migrate.document import Place
from kitctl.model.values.keys.peers import Names

_INDENT = 2


class NewValues:
    """A tree of values, in which a key may have the comments and the very text of an old one."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.root: dict[str, Any] = {}
        self._places: dict[Names, Place] = {}

    def get(self, key: Names) -> Any:
        """Return what is set, or None."""
        node: Any = self.root
        for name in key:
            if not isinstance(node, Mapping) or name not in node:
                return None
            node = node[name]
        return node

    def put(self, key: Names, value: Any, place: Place | None = None) -> bool:
        """Set a key. Mappings are merged, and a list is appended to another one.

        Args:
            key: Its names.
            value: Plain data.
            place: The old key whose comments it gets, and whose text if it means the same.

        Returns:
            False if another value is there already, which stays.
        """
        if isinstance(value, Mapping) and value:
            done = [self.put((*key, str(name)), inner) for name, inner in value.items()]
            return all(done)
        node = self.root
        for name in key[:-1]:
            node = node.setdefault(name, {})
            if not isinstance(node, dict):
                return False
        there = node.get(key[-1])
        if isinstance(there, list) and isinstance(value, list):
            node[key[-1]] = [*there, *(one for one in value if one not in there)]
            self._places.pop(key, None)
            return True
        if there is not None and there != value:
            return False
        node[key[-1]] = value
        if place:
            self._places[key] = place
        return True

    def note(self, key: Names, above: tuple[str, ...]) -> None:
        """Give a section of the new file the comments of an old one, unless it has some."""
        if above and key not in self._places:
            self._places[key] = Place(above=above)

    def text(self, head: tuple[str, ...] = ()) -> str:
        """Return the YAML."""
        start = [*head, ""] if head else []
        return "\n".join([*start, *self._section(self.root, ())]) + "\n"

    def _section(self, node: Mapping[str, Any], above: Names) -> Iterator[str]:
        pad = " " * (_INDENT * len(above))
        for name, value in node.items():
            key = (*above, name)
            place = self._places.get(key, Place())
            if not above and key != next(((first,) for first in self.root), ()):
                yield ""
            yield from (pad + line for line in place.above)
            beside = f"  {place.beside}" if place.beside else ""
            if isinstance(value, Mapping) and value:
                yield f"{pad}{_dumped(name)}:{beside}"
                yield from self._section(value, key)
            else:
                yield from _entry(name, value, place.text, beside, pad)


def _entry(name: str, value: Any, old: str, beside: str, pad: str) -> Iterator[str]:
    """Write a key with a value that is no section, in its old words if they still mean the same."""
    lines = _old_lines(_dumped(name).strip(), old, beside) if old else []
    if not lines or not _means("\n".join(lines), value):
        lines = yaml.dump({name: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6).splitlines()
        lines[0] += beside
    yield from (pad + line if line else line for line in lines)


def _old_lines(label: str, text: str, beside: str) -> list[str]:
    first, *rest = text.split("\n")
    if first.startswith(("- ", "#")) or first == "-":
        return [f"{label}:{beside}", *(f"  {line}" if line else "" for line in (first, *rest))]
    return [f"{label}: {first}{beside}", *rest]


def _means(text: str, value: Any) -> bool:
    """Say whether a piece of a file has this value, and needs no other piece nor is needed by one."""
    try:
        if any(isinstance(token, yaml.AnchorToken | yaml.AliasToken) for token in yaml.scan(text)):
            return False
        (found,) = yaml.safe_load(text).values()
    except (yaml.YAMLError, AttributeError, ValueError):
        return False
    return bool(found == value and type(found) is type(value))


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write each value out."""
        return True


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text_node)


def _dumped(name: str) -> str:
    return str(yaml.safe_dump(name, allow_unicode=True, width=10**6)).removesuffix("...\n").rstrip("\n")
