"""Checks the fields of a pod against Kubernetes' own types."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from kitctl.model.pod_types import required, types
from kitctl.render.findings import Finding

_JSON: dict[str, type | tuple[type, ...]] = {"string": str, "integer": int, "boolean": bool, "number": (int, float)}
_SAID = {"string": "a text", "integer": "a whole number", "boolean": "true or false", "number": "a number"}


def wrong_fields(pod: object, kind: str = "Pod") -> list[Finding]:
    """Find fields that Kubernetes does not know or misses, and values of the wrong type.

    Args:
        pod: The whole pod as YAML gives it.
        kind: Its type, e.g. "Pod", "PodSpec" or "Container".
    """
    return list(_walk(pod, kind, ""))


def _walk(value: Any, kind: Any, where: str) -> Iterator[Finding]:
    if isinstance(value, dict) and isinstance(kind, str):
        yield from _missing(value, kind, where)
    kind = types().get(kind, kind) if isinstance(kind, str) else kind
    if value is None or kind == "any":
        return
    if isinstance(kind, str):
        yield from _scalar(value, kind, where)
    elif isinstance(kind, list):
        if not isinstance(value, list):
            yield Finding(where, "must be a list")
            return
        for index, item in enumerate(value):
            yield from _walk(item, kind[0], f"{where}[{index}]")
    elif not isinstance(value, dict):
        yield Finding(where or "the pod", "must be a map")
    else:
        yield from _map(value, kind, where)


def _missing(value: dict[Any, Any], kind: str, where: str) -> Iterator[Finding]:
    """Find fields without which Airflow's reader of pod templates raises: in the default template, for every task."""
    for name in required(kind):
        if value.get(name) is None:
            yield Finding(f"{where}.{name}" if where else name, "is missing, and Kubernetes requires it")


def _map(value: dict[Any, Any], kind: dict[str, Any], where: str) -> Iterator[Finding]:
    for name, part in value.items():
        place = f"{where}.{name}" if where else str(name)
        if "" in kind:
            yield from _walk(part, kind[""], place)
        elif name in kind:
            yield from _walk(part, kind[name], place)
        else:
            near = get_close_matches(str(name), kind, n=1, cutoff=0.6)
            yield Finding(place, "Kubernetes has no such field" + (f"; did you mean {near[0]}?" if near else ""))


def _scalar(value: Any, kind: str, where: str) -> Iterator[Finding]:
    wanted = _JSON.get(kind)
    if wanted is None:
        return
    # YAML's true is an int to Python, and `"80"` in quotes is a text to Kubernetes.
    wrong = not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean")
    if wrong:
        hint = "; put it in quotes" if kind == "string" and not isinstance(value, (dict, list)) else ""
        yield Finding(where, f"must be {_SAID[kind]}, not {value!r}{hint}")
