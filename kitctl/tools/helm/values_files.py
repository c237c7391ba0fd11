"""What values files and `--set` give: which of them sets a key, and all keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml


def dotted(pointer: str, name: str) -> str:
    """Join a JSON pointer and a key to the dotted form that --set takes."""
    parts = [p for p in re.split(r"[/.]", pointer) if p]
    return ".".join([*parts, name] if name else parts)


def set_by(files: Sequence[Path], pointers: Sequence[str]) -> str:
    """Return a line for each values file that sets one of the keys, as far as the files can be read."""
    lines = []
    for path in files:
        if keys := [dotted(p, "") for p in dict.fromkeys(pointers) if p and _value(path, p) is not None]:
            lines.append(f"{path} sets {', '.join(keys)}\n")
    return "".join(lines)


def counted_value(pointer: str, files: Sequence[Path], sets: Sequence[str]) -> str:
    """Return the value that counts, in quotes, as far as it can be seen."""
    last = re.compile(rf"(?:^|,){re.escape(dotted(pointer, ''))}=([^,]*)")
    values: list[object] = [match[1] for pair in reversed(sets) if (match := last.search(pair))]
    values += [value for path in reversed(files) if (value := _value(path, pointer)) is not None]
    return repr(values[0]) if values else ""


def keys_set(files: Sequence[Path], sets: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the keys that values files and `--set` give, in their order, without the sections that have keys."""
    keys = [key for file in files for key in _leaves(_text(file))]
    names = [name for pair in sets for name in re.findall(r"(?:^|,)([\w.-]+)(?:\[\d+\])?=", pair)]
    return list(dict.fromkeys([*keys, *(tuple(name.split(".")) for name in names)]))


def _leaves(node: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _leaves(value, (*above, str(key)))
    elif above:
        yield above


def _text(path: Path) -> Any:
    """Return what a values file has; None if it cannot be read."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None


def _value(path: Path, pointer: str) -> object:
    """Return what a values file has at a JSON pointer; None if it has nothing there, or cannot be read."""
    node = _text(path)
    for part in (part for part in pointer.split("/") if part):
        if isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        elif isinstance(node, dict) and part in node:
            node = node[part]
        else:
            return None
    return "null" if node is None else node
