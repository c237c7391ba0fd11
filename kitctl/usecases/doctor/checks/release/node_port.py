"""A free NodePort."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.release.preflight import cluster
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused

CHECK = Check(
    "the NodePort of the UI (30809 on clusters of the kit) is free, or the release has it", "the UI has a NodePort"
)


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    try:
        cluster.node_port_free(facts.kube, facts.given.namespace, facts.objects)
    except KitError as error:
        return refused(error)
    return good("each NodePort is free, or the release has it already")
