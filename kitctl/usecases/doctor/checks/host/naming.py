"""Names that Helm and Kubernetes take."""

from __future__ import annotations

from kitctl.model import names
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, judged

CHECK = Check("names of release and namespace that Helm and Kubernetes accept")


def look(facts: Facts) -> Outcome:
    """Judge the names."""
    given = facts.given
    return judged(
        lambda: names.check(given.release, given.namespace), f"release {given.release} in namespace {given.namespace}"
    )
