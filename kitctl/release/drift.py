"""Does the cluster already hold what would be deployed? Then Helm need not run, and a second `up` takes seconds."""

from __future__ import annotations

from typing import Any

from kitctl.tools.helm.client import Plan
from kitctl.tools.helm.records import Record
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.quantity import amount


def unchanged(kube: Kube, namespace: str, record: Record | None, plan: Plan) -> bool:
    """Whether the release's newest record is deployed and equal to the plan, and no live object has drifted.

    Args:
        kube: The cluster.
        namespace: Namespace of the release.
        record: Helm's newest record, or None.
        plan: What would be deployed.
    """
    if record is None or record.status != "deployed":
        return False
    if record.manifest.strip() != plan.manifest.strip() or record.config != plan.config:
        return False
    return not drifted(kube, namespace, plan)


def drifted(kube: Kube, namespace: str, plan: Plan) -> list[str]:
    """Return the objects ("Kind name") that are gone or whose written fields differ in the cluster."""
    found = []
    for obj in plan.objects():
        live = kube.live(obj, namespace)
        if live is None or not holds(live, obj):
            found.append(f"{obj['kind']} {obj['metadata']['name']}")
    return found


def holds(live: Any, wanted: Any) -> bool:
    """Whether everything that is written in `wanted` stands in `live`; what the server added does not count.

    A difference in spelling that is not known here (a new kind of default) only costs a Helm run.
    """
    if isinstance(wanted, dict):
        if not isinstance(live, dict):
            return not wanted
        wanted = _as_data(wanted)
        return all(holds(live.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(live, list):
            return not wanted
        return len(live) == len(wanted) and all(map(holds, live, wanted))
    if wanted in (None, "", False, 0):
        return live in (None, "", False, 0)
    return bool(live == wanted) or _same_quantity(str(live), str(wanted))


def as_written(live: Any, wanted: Any) -> Any:
    """Return what stands in `live` for everything that is written in `wanted`, without what the server added.

    What only differs in spelling is spelled as in `wanted`, so that the two differ exactly where `holds` says so.
    """
    if holds(live, wanted):
        return wanted
    if isinstance(wanted, dict) and isinstance(live, dict):
        unseen = {key: value for key, value in wanted.items() if key not in _as_data(wanted)}
        return unseen | {key: as_written(live.get(key), value) for key, value in _as_data(wanted).items()}
    if isinstance(wanted, list) and isinstance(live, list) and len(live) == len(wanted):
        return [as_written(one, other) for one, other in zip(live, wanted, strict=True)]
    return live


def _as_data(obj: dict[str, Any]) -> dict[str, Any]:
    """Drop what the API never gives back: a Secret's stringData."""
    return {key: value for key, value in obj.items() if key != "stringData"}


def _same_quantity(one: str, other: str) -> bool:
    first = amount(one)
    return first is not None and first == amount(other)
