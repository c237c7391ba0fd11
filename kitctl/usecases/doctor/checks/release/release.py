"""No release of another chart under this name, and no operation that died halfway."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.release.preflight import cluster
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused, warning

CHECK = Check(
    "no release of another chart with this name; a warning for an operation that was interrupted, or has failed",
    "a cluster answers",
)


def look(facts: Facts) -> Outcome:
    """Read Helm's newest record."""
    name, where, last = facts.given.release, facts.given.namespace, facts.record
    if last is None:
        return good(f"There is no release {name} in {where} yet")
    try:
        cluster.release_ours(last, name, where)
    except KitError as error:
        return refused(error)
    if last.pending:
        words = f"An operation on the release {name} was interrupted ({last.status})"
        return warning(words, "kitctl up    # repairs it")
    if last.status == "failed":
        return warning(f"Revision {last.revision} of {name} failed", "kitctl up    # once more")
    return good(f"The release {name} is {last.status} (revision {last.revision}, {last.chart})")
