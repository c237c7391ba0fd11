"""Claims that reach all nodes on which their pods may run."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.release.preflight import nodes
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused

CHECK = Check(
    "claims that exist if values name them, and that all their pods can mount (ReadWriteMany on several nodes)",
    "a cluster answers",
)


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    try:
        nodes.claims_reach_all_nodes(facts.kube, facts.given.namespace, facts.objects)
    except KitError as error:
        return refused(error)
    return good("each shared claim reaches the nodes of its pods")
