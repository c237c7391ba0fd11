"""git, which tells what a checkout holds."""

from __future__ import annotations

from kitctl.tools.process import which
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, warning

CHECK = Check("git on PATH, by which kitctl dags push knows the commit", "the DAG modes git and bundle", "warning")


def look(facts: Facts) -> Outcome:
    """Look for the program."""
    mode = (facts.config.get("dags") or {}).get("mode")
    if mode not in {"git", "bundle"}:
        return absent("DAGs do not come from a repository")
    if found := which("git"):
        return good(f"git ({found})")
    return warning("git was not found", "Install git, or push commits with a git of your own")
