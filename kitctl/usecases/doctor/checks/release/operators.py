"""The operators whose objects the release has."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.release.preflight import operators
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused

CHECK = Check("KEDA, and a password that it can write, if Celery workers scale with it", "a cluster answers")


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    try:
        operators.there(facts.kube, facts.objects)
        operators.password_fits(facts.kube, facts.given.namespace, facts.objects)
    except KitError as error:
        return refused(error)
    return good("the cluster has the operators that the release needs")
