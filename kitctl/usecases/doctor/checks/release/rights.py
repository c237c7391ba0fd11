"""All rights that an install needs."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.release.preflight import cluster
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused

CHECK = Check(
    "the right to get, list, create, patch and delete each kind of object of the release",
    "a cluster answers",
    seconds=60,
)


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    try:
        cluster.rights(facts.kube, facts.given.namespace, facts.objects)
    except KitError as error:
        return refused(error)
    return good(f"You may install into the namespace {facts.given.namespace}")
