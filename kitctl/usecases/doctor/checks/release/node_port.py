"""A free NodePort."""

from __future__ import annotations

from kitctl.release.preflight import cluster
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, judged

CHECK = Check(
    "the NodePort of the UI (30809 on clusters of the kit) is free, or the release has it", "the UI has a NodePort"
)


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    return judged(
        lambda: cluster.node_port_free(facts.kube, facts.given.namespace, facts.objects),
        "each NodePort is free, or the release has it already",
    )
