"""Task logs can be kept in their store."""

from __future__ import annotations

from kitctl.release.preflight import log_store
from kitctl.usecases.doctor.catalogue import RELEASE, Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome
from kitctl.usecases.doctor.inside import SECONDS, ask

CHECK = Check("a store that takes a small log and gives it back", "logs.remote", purposes=RELEASE, seconds=SECONDS)


def look(facts: Facts) -> Outcome:
    """Ask as `deploy` does."""
    kube, where, config, objects = facts.kube, facts.given.namespace, facts.config, facts.objects
    return ask(
        facts,
        lambda note, deadline: log_store.check(kube, where, config, objects, note, deadline),
        "Logs are kept on a claim, or nowhere",
    )
