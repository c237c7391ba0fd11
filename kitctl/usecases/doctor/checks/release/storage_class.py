"""A StorageClass for each new claim."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.release.preflight import cluster
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused

CHECK = Check("a StorageClass for each new claim: the one that values name, or a default one", "a cluster answers")


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    try:
        cluster.storage_there(facts.kube, facts.given.namespace, facts.objects)
    except KitError as error:
        return refused(error)
    return good("each claim has a StorageClass, or exists")
