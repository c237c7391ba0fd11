"""The repository of the DAGs can be read."""

from __future__ import annotations

from kitctl.release.preflight import repository
from kitctl.usecases.doctor.catalogue import RELEASE, Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome
from kitctl.usecases.doctor.inside import SECONDS, ask

CHECK = Check(
    "a repository, a ref and a folder that git can read with the Secret that values name",
    "the DAG modes git and bundle",
    purposes=RELEASE,
    seconds=SECONDS,
)


def look(facts: Facts) -> Outcome:
    """Ask as `deploy` does."""
    kube, where, config, objects = facts.kube, facts.given.namespace, facts.config, facts.objects
    return ask(
        facts,
        lambda note, deadline: repository.check(kube, where, config, objects, note, deadline),
        "DAGs do not come from a repository",
    )
