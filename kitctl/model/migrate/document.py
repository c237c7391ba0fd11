"""Old values files: what Helm made of them, and for each key its line, its comments and its own text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from kitctl.model.values.keys.peers import Names, names

_REMARK = re.compile(r"\s#.*$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key is set.

    Attributes:
        file: Name of the file; "" for a default of the other chart, which no file sets.
        line: Line, from 1; 0 for a default.
        above: Comments directly above the key, without their indentation.
        beside: Comment on the line of the key, with its `#`.
        text: The value as the file has it, shifted to the left; "" if it cannot be cut out of the file.
    """

    file: str = ""
    line: int = 0
    above: tuple[str, ...] = ()
    beside: str = ""
    text: str = ""

    def __str__(self) -> str:
        """Return it as compilers do: values.yaml:12."""
        return f"{self.file}:{self.line}" if self.line else "default"


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    lines: list[str]
    keys: dict[Names, tuple[yaml.Node, yaml.Node]] = field(default_factory=dict)


class Document:
    """Values files as one document."""

    def __init__(self, merged: Mapping[str, Any], texts: Mapping[str, str], defaults: Mapping[str, Any]) -> None:
        """Read the files.

        Args:
            merged: The files as Helm merges them.
            texts: Text of each file by name, in the order of `-f`.
            defaults: Values of the other chart that count where no file sets them, by dotted key.
        """
        self._files = [_read(name, text) for name, text in texts.items()]
        self.values = dict(merged)
        self._implied: dict[Names, Any] = {}
        self._implied = {
            names(key): value for key, value in defaults.items() if self.value(names(key), _UNSET) is _UNSET
        }

    def leaves(self) -> Iterator[tuple[Names, Any]]:
        """Yield each key that has a value, sections excluded: defaults of the other chart, then those of the files."""
        yield from self._implied.items()
        # Helm sorts the keys of what it merges.
        yield from sorted(_leaves(self.values), key=lambda leaf: self._order(leaf[0]))

    def _order(self, key: Names) -> tuple[int, int, int]:
        for number, file in reversed(list(enumerate(self._files))):
            if key in file.keys:
                mark = file.keys[key][0].start_mark
                return number, mark.line, mark.column
        return 0, 0, 0

    def value(self, key: Names, default: Any = None) -> Any:
        """Return the value of a key or section; defaults of the other chart count for single keys."""
        node: Any = self.values
        for name in key:
            if not isinstance(node, Mapping) or name not in node:
                return self._implied.get(key, default)
            node = node[name]
        return node

    def is_default(self, key: Names) -> bool:
        """Say whether a key has a default of the other chart, and no file sets it."""
        return key in self._implied

    def find(self, dotted: str, default: Any = None) -> Any:
        """Return the value of a dotted key, or the default where it is absent or null."""
        value = self.value(names(dotted))
        return default if value is None else value

    def place(self, key: Names) -> Place:
        """Return where a key is set: in the last file that has it."""
        for file in reversed(self._files):
            if key in file.keys:
                return _place(file, *file.keys[key])
        return Place()

    def head(self) -> tuple[str, ...]:
        """Return the comment at the top of the first file, if a blank line ends it."""
        lines = self._files[0].lines if self._files else []
        count = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
        return tuple(lines[:count]) if count < len(lines) and not lines[count].strip() else ()


_UNSET = object()


def _leaves(node: Mapping[str, Any], above: Names = ()) -> Iterator[tuple[Names, Any]]:
    for key, value in node.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*above, str(key)))
        else:
            yield (*above, str(key)), value


def _read(name: str, text: str) -> _File:
    file = _File(name, text.splitlines())
    loader = yaml.SafeLoader(text)
    node = loader.get_single_node()
    if isinstance(node, yaml.MappingNode):
        file.keys.update(_keys(loader, node))
    return file


def _keys(
    loader: yaml.SafeLoader, node: yaml.MappingNode, above: Names = ()
) -> Iterator[tuple[Names, tuple[yaml.Node, yaml.Node]]]:
    loader.flatten_mapping(node)  # `<<: *defaults`
    for key, value in node.value:
        path = (*above, str(key.value))
        yield path, (key, value)
        if isinstance(value, yaml.MappingNode):
            yield from _keys(loader, value, path)


def _place(file: _File, key: yaml.Node, value: yaml.Node) -> Place:
    line = key.start_mark.line
    start = line
    alone = not file.lines[line][: key.start_mark.column].strip()
    while alone and start and file.lines[start - 1].lstrip().startswith("#"):
        start -= 1
    above = tuple(text.strip() for text in file.lines[start:line])
    first = value.start_mark.line
    # The comment of a scalar stands behind it, that of a section behind the colon. Several keys of a line have none.
    scalar = isinstance(value, yaml.ScalarNode) and value.style not in ("|", ">")
    last, column = (value.end_mark.line, value.end_mark.column) if scalar else (line, key.end_mark.column)
    if not scalar and first == line:  # a flow collection, or a block scalar
        last, column = first, len(file.lines[first])
    found = _REMARK.search(file.lines[last][column:]) if last < len(file.lines) else None
    return Place(file.name, line + 1, above, found[0].strip() if found else "", _text(file.lines, line, value))


def _text(lines: Sequence[str], key: int, node: yaml.Node) -> str:
    """Cut a value out of its file; "" if the piece does not mean the same alone, such as one with an alias."""
    start, end = node.start_mark, node.end_mark
    piece = list(lines[start.line : end.line + 1])
    if piece and end.line < len(lines):
        piece[-1] = piece[-1][: end.column]
    if not piece:
        return ""
    block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
    shift = start.column
    piece[0] = piece[0][start.column :]
    between = [line.strip() for line in lines[key + 1 : start.line] if line.strip()]
    while len(piece) > 1 and (not piece[-1].strip() or (not block and piece[-1].lstrip().startswith("#"))):
        piece.pop()
    if block:
        shift = min((len(p) - len(p.lstrip()) for p in piece[1:] if p.strip()), default=2) - 2
    rest = [p[shift:] if shift >= 0 and not p[:shift].strip() else p.lstrip() for p in piece[1:]]
    return "\n".join([*between, piece[0], *rest])
