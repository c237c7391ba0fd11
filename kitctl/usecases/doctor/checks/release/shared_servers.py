"""A broker and a database of its own."""

from __future__ import annotations

from kitctl.release.preflight import shared
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, judged

CHECK = Check(
    "no other release with the same external broker or database", "the release uses one that is outside of it"
)


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    return judged(
        lambda: shared.servers_own(facts.kube, facts.given.namespace, facts.objects),
        "no other release uses its broker or database",
    )
