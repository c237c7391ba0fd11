"""Claims that reach all nodes on which their pods may run."""

from __future__ import annotations

from kitctl.release.preflight import nodes
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, judged

CHECK = Check(
    "claims that exist if values name them, and that all their pods can mount (ReadWriteMany on several nodes)",
    "a cluster answers",
)


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    return judged(
        lambda: nodes.claims_reach_all_nodes(facts.kube, facts.given.namespace, facts.objects),
        "each shared claim reaches the nodes of its pods",
    )
