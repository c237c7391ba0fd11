"""Enough memory where the cluster runs on this machine."""

from __future__ import annotations

from kitctl.model.needs import GIB, MEMORY
from kitctl.usecases.doctor.catalogue import MACHINE, Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good, warning

CHECK = Check(f"{MEMORY // GIB} GiB of memory; a warning if the cluster runs on another machine", purposes=MACHINE)


def look(facts: Facts) -> Outcome:
    """Judge the memory that this process may use."""
    have = facts.host.memory / GIB
    if facts.host.memory >= MEMORY:
        return good(f"{have:.1f} GiB of memory")
    fail = error if facts.needs.here else warning
    fix = "Use a larger machine: kitctl up needs 1 GiB for Airflow and 1 GiB for Kubernetes, tasks come on top"
    return fail(f"{have:.1f} GiB of memory, {MEMORY // GIB} GiB are needed", fix)
