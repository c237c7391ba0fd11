"""A kubectl that fits the kit and the cluster."""

from __future__ import annotations

from kitctl.model.versions import pin
from kitctl.tools.toolbox import version
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good, warning
from kitctl.usecases.doctor.programs import program

CHECK = Check(f"kubectl {pin('kubernetes.minimum')} or later, at most one minor version from the cluster's")


def look(facts: Facts) -> Outcome:
    """Judge the kubectl that kitctl calls."""
    found = program("kubectl", "version", "--client", "-o", "yaml")
    if not found.suits:
        words = f"{found.words}; {pin('kubernetes.minimum')} or later is needed"
        return error(words, "scripts/get-tools kubectl")
    server = version(facts.place.kube.version()) if facts.place.kube else None
    if server and found.version and abs(server[1] - found.version[1]) > 1:
        words = f"{found.words}, and the cluster is {'.'.join(map(str, server))}"
        return warning(
            words,
            f"Install a kubectl of version {server[0]}.{server[1]}",
            "Kubernetes supports a distance of one minor version",
        )
    return good(found.words)
