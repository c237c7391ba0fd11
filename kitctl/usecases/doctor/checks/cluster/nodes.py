"""Nodes that take pods."""

from __future__ import annotations

from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good, warning

CHECK = Check(
    "a node that is ready; a warning if others are not, or run out of memory, disk or processes", "a cluster answers"
)
_FIX = "kubectl describe nodes"


def look(facts: Facts) -> Outcome:
    """Read their conditions."""
    found = facts.kube.list("Node")
    states = {n["metadata"]["name"]: (n.get("status") or {}).get("conditions") or [] for n in found}
    ready = [name for name, said in states.items() if _holds(said, "Ready")]
    if not ready:
        return error(f"None of {len(found)} nodes is ready", _FIX)
    if lost := [name for name in states if name not in ready]:
        return warning(f"These nodes are not ready: {', '.join(lost)}", _FIX)
    pressed = [f"{name} ({c['type']})" for name, said in states.items() for c in said if _pressure(c)]
    if pressed:
        return warning(
            f"These nodes run out of something: {', '.join(pressed)}", _FIX, "They evict pods, and take none"
        )
    return good(f"{len(ready)} node{'s' if len(ready) > 1 else ''} ready")


def _holds(conditions: list[dict[str, str]], kind: str) -> bool:
    return any(c["type"] == kind and c["status"] == "True" for c in conditions)


def _pressure(condition: dict[str, str]) -> bool:
    return condition["type"].endswith("Pressure") and condition["status"] == "True"
