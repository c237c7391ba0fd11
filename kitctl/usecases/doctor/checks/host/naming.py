"""Names that Helm and Kubernetes take."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.model import names
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused

CHECK = Check("names of release and namespace that Helm and Kubernetes accept")


def look(facts: Facts) -> Outcome:
    """Judge the names."""
    given = facts.given
    try:
        names.check(given.release, given.namespace)
    except KitError as error:
        return refused(error)
    return good(f"release {given.release} in namespace {given.namespace}")
