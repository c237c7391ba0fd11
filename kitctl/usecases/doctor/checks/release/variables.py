"""Variables of envFrom that the values decide."""

from __future__ import annotations

from kitctl.release.preflight import variables
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, judged

CHECK = Check(
    "no variable in the Secrets and ConfigMaps of `envFrom` that only values may set, such as the database",
    "the values have `envFrom`",
)


def look(facts: Facts) -> Outcome:
    """Ask as preflight does."""
    return judged(
        lambda: variables.follow_values(facts.kube, facts.given.namespace, facts.config),
        "envFrom sets nothing that the values decide",
    )
