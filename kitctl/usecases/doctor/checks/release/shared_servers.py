"""A broker and a database of its own."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.release.preflight import shared
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused

CHECK = Check(
    "no other release with the same external broker or database", "the release uses one that is outside of it"
)


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    try:
        shared.servers_own(facts.kube, facts.given.namespace, facts.objects)
    except KitError as error:
        return refused(error)
    return good("no other release uses its broker or database")
