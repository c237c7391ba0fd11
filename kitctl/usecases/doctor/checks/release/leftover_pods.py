"""Pods by which kitctl asked something, and that a killed kitctl did not remove."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kitctl.tools.kube.objects import INSTANCE, OURS, Pod
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, warning

CHECK = Check(
    "no pods left by checks of a kitctl that was killed",
    "a cluster answers",
    "warning",
    mends="deletes these pods, which are older than 15 minutes",
)
_OLD = timedelta(minutes=15)
"""Longer than the longest check: those of a kitctl at work stay."""


def look(facts: Facts) -> Outcome:
    """Look for them."""
    found = _left(facts)
    if not found:
        return good("no pods of earlier checks")
    return warning(f"Checks that were killed left {', '.join(p.name for p in found)}", "kitctl doctor --fix")


def mend(facts: Facts) -> str:
    """Delete them."""
    found = _left(facts)
    for pod in found:
        facts.kube.delete("Pod", pod.namespace, pod.name, grace_seconds=0)
    return f"deleted {', '.join(pod.name for pod in found)}"


def _left(facts: Facts) -> list[Pod]:
    ours = f"{INSTANCE}={facts.given.release},{OURS},app.kubernetes.io/managed-by=kitctl"
    then = datetime.now(UTC) - _OLD
    return [pod for pod in facts.kube.pods(facts.given.namespace, ours) if _of_check(pod) and _time(pod) < then]


def _of_check(pod: Pod) -> bool:
    return pod.name.endswith("-check")


def _time(pod: Pod) -> datetime:
    return datetime.fromisoformat(pod.created) if pod.created else datetime.now(UTC)
