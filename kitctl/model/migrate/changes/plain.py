"""Changes of form that any value may need: a number for a text, a list for one thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import ceil
from typing import Any

import yaml

from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.work import Item, Outcome, empty, templated, worst

_UNITS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
_SIZES = (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10))
_YES, _NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")


def put_all(item: Item, value: Any, *, verbatim: bool = False) -> Outcome:
    """Set every key that the rule names."""
    targets = item.targets()
    return worst(item.put(key, value, verbatim=verbatim) for key in targets) if targets else _useless(item)


def _useless(item: Item) -> Outcome:
    return Verdict.UNSET, next((why for to in item.to if (why := item.work.off(tuple(to.split("."))))), "")


def move(item: Item) -> Outcome:
    """Move a value as it is, although it means more or less than before."""
    verdict, why = put_all(item, item.value, verbatim=True)
    return verdict, why or item.text


def decide(item: Item) -> Outcome:
    """Leave it to the reader, unless it is off."""
    section = item.value if isinstance(item.value, dict) else {}
    if item.value is False or section.get("enabled") is False or empty(item.value):
        return Verdict.UNSET, "it is off"
    return Verdict.DECIDE, f"{', '.join(item.to)}: {item.text}" if item.text else ", ".join(item.to)


def always(item: Item) -> Outcome:
    """Say of a key that is gone that the kit always does what this value asks for."""
    if str(item.value).lower() == item.args[0]:
        return Verdict.UNSET, item.text
    return Verdict.DROPPED, item.text


def switch(item: Item) -> Outcome:
    """Set a word where the old value is true, such as the DAG mode."""
    if item.value is not True:
        return Verdict.UNSET, "it is off"
    return put_all(item, yaml.safe_load(item.args[0]))


def truth(value: Any) -> bool | None:
    """Return true or false of "True" and the like; None for anything else."""
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def boolean(item: Item) -> Outcome:
    """Set true or false for a text."""
    value = truth(item.value)
    return _not(item, "true or false") if value is None else put_all(item, value)


def whole(item: Item) -> Outcome:
    """Set a number for a text."""
    try:
        return put_all(item, int(str(item.value)))
    except ValueError:
        return _not(item, "a number")


def text(item: Item) -> Outcome:
    """Set a text, unless it is a template."""
    return _not(item, "a text without templates") if templated(item.value) else put_all(item, item.value, verbatim=True)


def _not(item: Item, kind: str) -> Outcome:
    return Verdict.DECIDE, f"set {', '.join(item.to)}: the old value is not {kind}"


def seconds_of(value: Any) -> int | None:
    """Return the seconds of 60, "60" or "1m30s"; None for anything else."""
    word = str(value).strip()
    if re.fullmatch(r"\d+(\.\d+)?", word):
        return ceil(float(word))
    if not re.fullmatch(r"(\d+(\.\d+)?(h|m|s|ms))+", word):
        return None
    return ceil(sum(float(n) * _UNITS[unit] for n, _, unit in re.findall(r"(\d+(\.\d+)?)(ms|h|m|s)", word)))


def seconds(item: Item) -> Outcome:
    """Set a number of seconds for a time."""
    value = seconds_of(item.value)
    return _not(item, "a time") if value is None else put_all(item, value)


def cron(item: Item) -> Outcome:
    """Set a schedule for a number of minutes or seconds between two runs."""
    per = {"minutes": 1, "seconds": 60}[item.args[0]]
    value = seconds_of(item.value)
    if value is None:
        return _not(item, "a number")
    minutes = max(1, value // per)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return put_all(item, f"*/{minutes} * * * *")
    return put_all(item, f"17 */{min(minutes // 60, 23)} * * *" if minutes < 60 * 24 else "17 3 * * *")


def days(item: Item) -> Outcome:
    """Set a number of days for minutes, rounded up."""
    value = seconds_of(item.value)
    return _not(item, "a number") if value is None else put_all(item, max(1, ceil(value / (24 * 60))))


def size(item: Item) -> Outcome:
    """Set a size for a number of bytes, or for the `sizeLimit` of a volume."""
    value = item.value.get("sizeLimit") if isinstance(item.value, dict) else item.value
    if not isinstance(value, int):
        return put_all(item, value) if isinstance(value, str) and value else (Verdict.UNSET, "it has no size")
    unit, factor = next(((unit, factor) for unit, factor in _SIZES if value and value % factor == 0), ("", 1))
    return put_all(item, f"{value // factor}{unit}") if value else (Verdict.UNSET, "it has no limit")


def listed(item: Item) -> Outcome:
    """Set a list for one thing, or for several between commas."""
    value = item.value
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    return put_all(item, value if isinstance(value, list) else [value])


def first(item: Item) -> Outcome:
    """Set one thing for a list."""
    return put_all(item, item.value[0] if isinstance(item.value, list) else item.value)


def named(item: Item) -> Outcome:
    """Set a list of `{name: …}` for names."""
    every = item.value if isinstance(item.value, list) else [item.value]
    return put_all(item, [one if isinstance(one, dict) else {"name": one} for one in every])


def parsed(item: Item) -> Outcome:
    """Set the list that a text holds as YAML, unless it is a template."""
    value = item.value
    if isinstance(value, str):
        if templated(value):
            return _not(item, "a text without templates")
        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError:
            return _not(item, "YAML")
    return put_all(item, value) if isinstance(value, list) else _not(item, "a list")


def field(item: Item) -> Outcome:
    """Set a field below the key that the rule names."""
    return worst(item.put((*key, item.args[0]), item.value) for key in item.targets())


def setting(item: Item) -> Outcome:
    """Set a setting of PgBouncer, all of which are texts."""
    value = int(item.value) if isinstance(item.value, bool) else item.value
    return item.put((*item.targets()[0], item.args[0]), str(value))


CHANGES: dict[str, Callable[[Item], Outcome]] = {
    "move": move,
    "decide": decide,
    "always": always,
    "switch": switch,
    "boolean": boolean,
    "whole": whole,
    "text": text,
    "seconds": seconds,
    "cron": cron,
    "days": days,
    "size": size,
    "list": listed,
    "first": first,
    "names": named,
    "parsed": parsed,
    "field": field,
    "setting": setting,
}
