"""What Airflow says of its own parts, judged by the components that the release runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_PARTS = {"scheduler": "scheduler", "triggerer": "triggerer", "dag_processor": "dag-processor"}
"""Names of the parts in /api/v2/monitor/health, and whose heartbeat each one is."""


def ailing(health: Mapping[str, Mapping[str, Any]], running: Collection[str]) -> dict[str, str]:
    """Return the components that are not healthy, and what Airflow says of each.

    Airflow remembers the last heartbeat of a part for ever: one that was switched off stays "unhealthy".

    Args:
        health: The answer of /api/v2/monitor/health.
        running: Components that the release runs; the others may be silent.
    """
    found = {}
    for part, answer in health.items():
        component = _PARTS.get(part, part)
        if answer.get("status") != "healthy" and (component in running or part not in _PARTS):
            found[component] = str(answer.get("status") or "it never ran")
    return found
