"""Objects that interrupted operations left, and that no record of Helm holds."""

from __future__ import annotations

from kitctl.model.names import names
from kitctl.release.cleanup import orphans
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, warning

CHECK = Check("no objects left by operations that were interrupted or failed", "a cluster answers", "warning")


def look(facts: Facts) -> Outcome:
    """Look for what `up` would clean up."""
    known = names(facts.given.release, facts.given.namespace, facts.config)
    kept = [*facts.objects, *orphans.base(facts.records)]
    found = [
        f"{one['kind']} {one['metadata']['name']}"
        for one in orphans.find(facts.kube, facts.given, known, facts.records, kept)
    ]
    if not found:
        return good("no objects of interrupted operations")
    return warning(f"Interrupted operations left {', '.join(found)}", "kitctl up    # removes them")
