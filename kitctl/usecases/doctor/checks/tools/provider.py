"""What the cluster provider asks of this machine: for the built-in node Linux, root and its programs."""

from __future__ import annotations

from kitctl import clusters
from kitctl.errors import KitError
from kitctl.model.options.purpose import Purpose
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, refused

CHECK = Check(
    "minikube or kind with an engine that answers; for the built-in node Linux, root and its programs",
    "a provider that creates clusters",
    purposes=frozenset({Purpose.UP}),
)


def look(facts: Facts) -> Outcome:
    """Let the provider judge, as `up` does."""
    try:
        asked = clusters.check(facts.provider, facts.settings.cluster)
    except KitError as error:
        return refused(error)
    if not asked:
        return absent(f"The provider {facts.provider} creates no cluster")
    return good(f"this machine can carry a cluster of {facts.provider}")
