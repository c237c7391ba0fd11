"""Celery can use the broker."""

from __future__ import annotations

from kitctl.release.handle import setting
from kitctl.release.preflight import broker
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent
from kitctl.usecases.doctor.inside import SECONDS, ask

CHECK = Check(
    "a broker that takes the log-in of the scheduler, and in which queues can be declared, filled and read",
    "the CeleryExecutor; the broker of the release is asked once it runs",
    seconds=SECONDS,
)


def look(facts: Facts) -> Outcome:
    """Ask an external one as `deploy` does, and one of the release in the same way."""
    kube, where, config, objects = facts.kube, facts.given.namespace, facts.config, facts.objects
    if setting(config, "broker", "kind") != "external" and not facts.runs:
        return absent("No external broker is named, and no release runs")
    return ask(
        facts,
        lambda note, deadline: broker.check(kube, where, config, objects, note, deadline, own=True),
        "No executor of the release needs a broker",
    )
