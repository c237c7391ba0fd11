"""The fields in which two versions of an object differ, with paths that people can read and without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from kitctl.model import secret_texts
from kitctl.model.secret_names import MASK

_KEYS = ("name", "mountPath", "containerPort", "port", "ip", "topologyKey")
"""Fields that name the items of a list; the first that all items have, each with another value, is used."""

_CONTEXT = 3
_HIDDEN = {"Secret": ("data", "stringData")}
"""Sections of a kind whose values are all secrets."""


@dataclass(frozen=True)
class Field:
    """One field that differs.

    Attributes:
        path: For example `spec.template.spec.containers[api-server].image`.
        old: Value in the running revision, None if it has none; secrets are `***`.
        new: The same for the new revision.
        lines: For texts of several lines: their differences as in `diff -u`; `old` and `new` are None then.
    """

    path: str
    old: Any = None
    new: Any = None
    lines: list[str] = field(default_factory=list)


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[Field]:
    """Return the fields in which two versions of one object differ, in the order of the objects."""
    hidden = _HIDDEN.get(str(new.get("kind") or old.get("kind")), ())
    found: list[Field] = []
    for key in _keys(old, new):
        if key in hidden:
            names = _keys(old.get(key) or {}, new.get(key) or {})
            pairs = ((name, (old.get(key) or {}).get(name), (new.get(key) or {}).get(name)) for name in names)
            found += [Field(_path(key, n), _masked(a), _masked(b)) for n, a, b in pairs if a != b]
        else:
            found += _compare(key, key, old.get(key), new.get(key))
    return found


def _masked(value: Any) -> str | None:
    return None if value is None else MASK


def _keys(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys([*old, *new]))


def _path(path: str, key: str) -> str:
    return f"{path}[{key}]" if any(sign in key for sign in "./ ") else f"{path}.{key}"


def _compare(path: str, name: str, old: Any, new: Any) -> Iterator[Field]:
    """Compare two values, None for one that is absent.

    Args:
        path: Where they are.
        name: Name of the field or variable, by which secrets are known.
        old: Value before.
        new: Value after.
    """
    if old == new:
        return
    sides = [side for side in (old, new) if side is not None]
    if all(isinstance(side, dict) for side in sides) and any(sides):
        yield from _maps(path, name, old or {}, new or {})
    elif all(isinstance(side, list) for side in sides) and any(sides):
        yield from _lists(path, name, old or [], new or [])
    elif any(isinstance(side, str) and "\n" in side for side in sides) and all(isinstance(s, str) for s in sides):
        yield Field(path, lines=unified(old or "", new or "", whole=secret_texts.field(name, "x") == MASK))
    else:
        yield Field(path, secret_texts.field(name, old), secret_texts.field(name, new))


def _maps(path: str, name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Field]:
    variable = next((side["name"] for side in (new, old) if _is_variable(side)), None) if ".env[" in path else None
    for key in _keys(old, new):
        one, other = old.get(key), new.get(key)
        if variable is not None and key == "value":
            if one != other:
                yield _variable(_path(path, key), variable, one, other)
        else:
            yield from _compare(_path(path, key), key, one, other)


def _is_variable(side: dict[str, Any]) -> bool:
    return isinstance(side.get("name"), str) and isinstance(side.get("value"), str)


def _variable(path: str, name: str, old: str | None, new: str | None) -> Field:
    whole = secret_texts.variable(name, "x") == MASK
    if not whole and any("\n" in (side or "") for side in (old, new)):
        return Field(path, lines=unified(old or "", new or ""))
    before, after = (side if side is None else secret_texts.variable(name, str(side)) for side in (old, new))
    return Field(path, before, after)


def _lists(path: str, name: str, old: list[Any], new: list[Any]) -> Iterator[Field]:
    if key := _key_of(old, new):
        before, after = ({str(item[key]): item for item in side} for side in (old, new))
        for at in _keys(before, after):
            if at in before and at in after:
                yield from _compare(f"{path}[{at}]", name, before[at], after[at])
            else:
                yield from _one_sided(f"{path}[{at}]", before.get(at), after.get(at))
        shared = [[at for at in side if at in before and at in after] for side in (before, after)]
        if shared[0] != shared[1]:
            yield Field(f"{path} (order)", *shared)
    elif all(isinstance(item, str) for item in (*old, *new)):
        yield from _words(path, old, new)
    else:
        yield from _items(path, name, old, new)


def _one_sided(path: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> Iterator[Field]:
    """Return an item that only one side has: a variable by its value, everything else as a whole."""
    if ".env[" in path and _is_variable(old or new or {}):
        name, before, after = str((old or new or {})["name"]), (old or {}).get("value"), (new or {}).get("value")
        yield _variable(f"{path}.value", name, before, after)
    else:
        yield Field(path, secret_texts.tree(old), secret_texts.tree(new))


def _items(path: str, name: str, old: list[Any], new: list[Any]) -> Iterator[Field]:
    for at in range(max(len(old), len(new))):
        yield from _compare(f"{path}[{at}]", name, _at(old, at), _at(new, at))


def _at(items: list[Any], at: int) -> Any:
    return items[at] if at < len(items) else None


def _words(path: str, old: list[str], new: list[str]) -> Iterator[Field]:
    """Compare lists of texts, such as command lines, in which a word may be a whole script."""
    before, after = secret_texts.arguments(old), secret_texts.arguments(new)
    if not any("\n" in word for word in (*old, *new)):
        yield Field(path, before, after)
        return
    for at in range(max(len(old), len(new))):
        one, other = _at(old, at), _at(new, at)
        if one == other:
            continue
        if "\n" in (one or "") + (other or ""):
            yield Field(f"{path}[{at}]", lines=unified(one or "", other or ""))
        else:
            yield Field(f"{path}[{at}]", _at(before, at), _at(after, at))


def _key_of(old: list[Any], new: list[Any]) -> str:
    if not all(isinstance(item, dict) for item in (*old, *new)):
        return ""
    for key in _KEYS:
        sides = [[item.get(key) for item in side] for side in (old, new)]
        if all(None not in side and len(set(map(str, side))) == len(side) for side in sides):
            return key
    return ""


def unified(old: str, new: str, *, whole: bool = False) -> list[str]:
    """Return the differences of two texts as in `diff -u`, without its header.

    The lines themselves are compared, and what may be a secret is hidden afterwards: a changed password is still seen.

    Args:
        old: Text before.
        new: Text after.
        whole: Whether the texts are secrets as a whole.
    """
    if whole:
        return [f"-{MASK}"] * bool(old) + [f"+{MASK}"] * bool(new)
    before, after = old.splitlines(), new.splitlines()
    shown_before, shown_after = secret_texts.lines(old), secret_texts.lines(new)
    found: list[str] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        found.append(f"@@ -{first[1] + 1},{last[2] - first[1]} +{first[3] + 1},{last[4] - first[3]} @@")
        for tag, from_old, to_old, from_new, to_new in group:
            if tag == "equal":
                found += [f" {line}" for line in shown_before[from_old:to_old]]
                continue
            found += [f"-{line}" for line in shown_before[from_old:to_old]]
            found += [f"+{line}" for line in shown_after[from_new:to_new]]
    return found or ["(only the line break at the end differs)"]
