"""The database can be used."""

from __future__ import annotations

from kitctl.release.preflight import database
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent
from kitctl.usecases.doctor.inside import SECONDS, ask

CHECK = Check(
    "a PostgreSQL that takes the log-in of the release, with a database in which it may create tables",
    "an external database; that of the release is asked once it runs",
    seconds=SECONDS,
)


def look(facts: Facts) -> Outcome:
    """Ask it as the migrate Job would."""
    kube, where, objects = facts.kube, facts.given.namespace, facts.objects
    if not database.external(objects) and not facts.runs:
        return absent("The database is part of the release, which does not run yet")
    return ask(
        facts,
        lambda note, deadline: database.check(kube, where, objects, note, deadline),
        "The release has no migrate Job",
    )
