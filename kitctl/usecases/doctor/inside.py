"""Asks a server by a check of preflight, from a pod of the cluster, and tells what came of it."""

from __future__ import annotations

from collections.abc import Callable

from kitctl.errors import KitError
from kitctl.release.preflight.asked import Asked
from kitctl.tools.deadline import Deadline
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, refused, warning

SECONDS = 150.0
"""Time limit of one such check: a pod starts, and a server may be silent."""
Preflight = Callable[[Callable[[str], None], Deadline], Asked]


def ask(facts: Facts, preflight: Preflight, nothing: str, seconds: float = SECONDS) -> Outcome:
    """Run a check of preflight.

    Args:
        facts: What is known.
        preflight: Takes where its notes go, and the time that it has.
        nothing: Why there may be nothing to ask.
        seconds: Its time limit.
    """
    try:
        _ = facts.pods_allowed
    except KitError as error:  # another kitctl works on the release
        return absent(error.message)
    notes: list[str] = []
    try:
        asked = preflight(notes.append, facts.deadline(seconds))
    except KitError as error:
        return refused(error)
    said = "; ".join(notes)
    if asked is Asked.FINE:
        return good(notes[-1] if notes else "it can be used")
    if asked is Asked.NOTHING:
        return absent(nothing)
    return warning(said, "kitctl doctor    # once more, when the pod can run")
