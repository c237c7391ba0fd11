"""At least two processors."""

from __future__ import annotations

from kitctl.usecases.doctor.catalogue import MACHINE, Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, warning

CHECK = Check("2 processors", level="warning", purposes=MACHINE)
_CORES = 2


def look(facts: Facts) -> Outcome:
    """Count them."""
    if facts.host.cores < _CORES:
        words = "One processor; starts will be slow and probes may fail"
        return warning(words, "Give the machine or VM two processors or more")
    return good(f"{facts.host.cores} processors")
