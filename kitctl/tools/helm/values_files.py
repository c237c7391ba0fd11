"""What values files and `--set` give: which of them sets a key, and all keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def refuse_repeats(files: Sequence[Path]) -> None:
    """Refuse a values file of which Helm would leave something out without a word: a key's first value, documents.

    Files that cannot be read are left to Helm, which names the place.

    Raises:
        KitError: `values-key-repeated`, `values-invalid` (code USAGE).
    """
    for path in files:
        if not path.is_file():  # a pipe can be read only once
            continue
        try:
            text = path.read_text(encoding="utf-8-sig")
            found = list(yaml.compose_all(text, Loader=_LOADER))
        except (OSError, ValueError, yaml.YAMLError, RecursionError):
            continue
        if later := [node for node in found[1:] if node and node.value]:
            line = later[0].start_mark.line + 1
            raise KitError(
                "values-invalid",
                f"The values file {path} has more than one document",
                cause=f"A second one begins before line {line}, and Helm reads only the first",
                fix=f"Give each document a file of its own: -f first.yaml -f second.yaml\n"
                f"or delete the line --- before line {line}",
                code=ExitCode.USAGE,
            )
        for node in filter(None, found[:1]):
            _refuse_repeats(path, node)


def _refuse_repeats(path: Path, top: yaml.Node) -> None:
    waiting, seen = [(top, "")], set[int]()
    while waiting:
        node, above = waiting.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += [(item, above) for item in node.value]
        if not isinstance(node, yaml.MappingNode):
            continue
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in lines and name != "<<":
                raise KitError(
                    "values-key-repeated",
                    f"{path} line {line}: {above}{name} stands here a second time",
                    cause=f"It is set in line {lines[name]} as well. Helm would use only the later one",
                    fix=f"Join both, or delete line {lines[name]} or line {line} with what belongs to it",
                    code=ExitCode.USAGE,
                )
            lines[name] = line
            waiting.append((value, f"{above}{name}."))


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
