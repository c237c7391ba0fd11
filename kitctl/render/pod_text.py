"""Finds template actions that nobody replaced. Where Kubernetes takes any text, braces are the user's data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kitctl.render.findings import Finding
from kitctl.render.pod_parts import Map

ACTION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_HELMS = re.compile(r"\{\{[^}]*(\.(Values|Release|Chart|Files|Capabilities)\b|\binclude \")")
_FREE = {"annotations", "args", "command", "volumeAttributes"}
"""Fields whose whole content is any text: the Vault agent, for example, reads its templates from annotations."""
_FREE_VALUE = {"env", "httpHeaders"}
"""Lists whose entries have a `value` of any text, such as an Airflow Variable that Airflow fills in at run time."""


def not_replaced(action: str) -> str:
    """Return the rule that a leftover breaks."""
    return f"{action} was not replaced; this file takes no template actions"


def leftovers(pod: Map) -> Iterator[Finding]:
    """Names, images and numbers never hold an action; in free text, only Helm's own are doubtful."""
    for place, text, free in _texts(pod, ""):
        if not free and (action := ACTION.search(text)):
            yield Finding(place, not_replaced(action[0]))
        elif free and (action := _HELMS.search(text)):
            yield Finding(place, f"{action[0]}… is passed on as it is: Helm does not fill in values", "warning")


def _texts(value: Any, place: str, kind: str = "", free: bool = False) -> Iterator[tuple[str, str, bool]]:
    """Yield (place, text, whether any text is allowed there); `kind` is the field that holds the value."""
    if isinstance(value, str):
        yield place, value, free
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{place}[{index}]", kind, free)
    elif isinstance(value, dict):
        for name, part in value.items():
            inside = free or name in _FREE or (name == "value" and kind in _FREE_VALUE)
            yield from _texts(part, f"{place}.{name}" if place else str(name), str(name), inside)
