"""Values that the chart takes."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused

CHECK = Check("values that the chart accepts: those of -f and --set, else those of the running release", seconds=120)


def look(facts: Facts) -> Outcome:
    """Render them as `deploy` does."""
    try:
        found = facts.wanted
    except KitError as error:
        return refused(error)
    return good(f"{found.words} make {len(found.objects)} objects")
