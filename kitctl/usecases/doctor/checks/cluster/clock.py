"""The same time on the nodes and on this machine; Airflow's task tokens allow 10 s."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, warning

CHECK = Check("clocks that differ by at most 10 s, by the leases that nodes renew", "a cluster answers", "warning")
_SKEW = 10.0  # seconds: Airflow refuses task tokens when clocks differ by more (jwt_leeway)
_RENEWED = 40.0  # seconds: a kubelet writes its lease every 10 s, and a node counts as dead after 40


def look(facts: Facts) -> Outcome:
    """Compare the newest lease with this machine's clock."""
    now = datetime.now(UTC)
    newest = max((_renewed(lease, now) for lease in facts.kube.list("Lease", "kube-node-lease")), default=0.0)
    if newest > _SKEW:
        words = f"A node's clock is {newest:.0f} s ahead of this machine's"
    elif -newest > _RENEWED + _SKEW:
        words = f"The nodes' clocks are {-newest - _RENEWED:.0f} s or more behind this machine's"
    else:
        return good("clocks agree")
    return warning(words, "Switch on time synchronisation (chrony, systemd-timesyncd) on all machines")


def _renewed(lease: dict[str, Any], now: datetime) -> float:
    """Return how many seconds after `now` a node says that it wrote its lease; negative is before."""
    text = (lease.get("spec") or {}).get("renewTime")
    return (datetime.fromisoformat(text) - now).total_seconds() if text else 0.0
