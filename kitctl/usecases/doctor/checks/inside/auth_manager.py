"""What the values add to Airflow's processes: the auth manager and airflow_local_settings.py."""

from __future__ import annotations

from kitctl.release.preflight import extension
from kitctl.usecases.doctor.catalogue import RELEASE, Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome
from kitctl.usecases.doctor.inside import SECONDS, ask

CHECK = Check(
    "an auth manager that the image has and whose server answers, and an airflow_local_settings.py that is Python",
    "an auth manager other than FAB, or airflowLocalSettings",
    purposes=RELEASE,
    seconds=SECONDS,
)


def look(facts: Facts) -> Outcome:
    """Ask as `deploy` does."""
    kube, where, config, objects = facts.kube, facts.given.namespace, facts.config, facts.objects
    return ask(
        facts,
        lambda note, deadline: extension.check(kube, where, config, objects, note, deadline),
        "The release has FAB's auth manager and no airflow_local_settings.py",
    )
