"""Objects that the cluster takes: quotas, policies, webhooks and fields that cannot change speak up."""

from __future__ import annotations

from kitctl.release.plan import check_objects
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, judged

CHECK = Check("a server that accepts each object of the release (dry run)", "the namespace exists", seconds=120)


def look(facts: Facts) -> Outcome:
    """Let the server judge, as `deploy` does; it keeps nothing."""
    if not facts.namespace_exists:
        return absent(f"The namespace {facts.given.namespace} does not exist yet; up asks once it has made it")
    return judged(
        lambda: check_objects(facts.kube, facts.given.namespace, facts.objects), "Kubernetes accepts each object"
    )
