"""Components that run, and what Airflow says of itself."""

from __future__ import annotations

from kitctl.release.health.airflow_health import ailing
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, error, good

CHECK = Check("pods of each component that are ready, and recent heartbeats", "a release runs", seconds=60)
_PATIENCE = 20.0


def look(facts: Facts) -> Outcome:
    """Ask Kubernetes, then Airflow."""
    if not facts.runs:
        return absent("No release runs")
    workloads = facts.release.workloads
    if sick := [w for w in workloads if not w.is_healthy]:
        words = ", ".join(f"{w.component} {w.ready}/{w.wanted}" for w in sick)
        cause = "; ".join(f"{w.component}: {w.message}" for w in sick if w.message)
        return error(f"These components are not ready: {words}", f"kitctl logs {sick[0].component}", cause)
    running = {w.component for w in workloads if w.wanted}
    if facts.given.dry_run:
        return good(f"the pods of {', '.join(sorted(running))} are ready")
    if said := ailing(facts.release.api(_PATIENCE).health(), running):
        words = ", ".join(f"{name} ({status})" for name, status in sorted(said.items()))
        return error(f"Airflow reports as not healthy: {words}", f"kitctl logs {sorted(said)[0]}")
    return good(f"{', '.join(sorted(running))} are healthy")
