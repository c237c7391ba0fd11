"""A StorageClass for each new claim."""

from __future__ import annotations

from kitctl.release.preflight import cluster
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, judged

CHECK = Check("a StorageClass for each new claim: the one that values name, or a default one", "a cluster answers")


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    return judged(
        lambda: cluster.storage_there(facts.kube, facts.given.namespace, facts.objects),
        "each claim has a StorageClass, or exists",
    )
