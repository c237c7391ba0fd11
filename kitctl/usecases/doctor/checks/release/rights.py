"""All rights that an install needs."""

from __future__ import annotations

from kitctl.release.preflight import cluster
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, judged

CHECK = Check(
    "the right to get, list, create, patch and delete each kind of object of the release",
    "a cluster answers",
    seconds=60,
)


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    return judged(
        lambda: cluster.rights(facts.kube, facts.given.namespace, facts.objects),
        f"You may install into the namespace {facts.given.namespace}",
    )
