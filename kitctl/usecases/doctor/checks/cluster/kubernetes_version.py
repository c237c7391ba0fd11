"""A version of Kubernetes that the kit is tested with."""

from __future__ import annotations

from kitctl.model.versions import pin
from kitctl.tools.toolbox import version
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good, warning

_LOW, _HIGH = pin("kubernetes.minimum"), pin("kubernetes.maximum")
CHECK = Check(f"Kubernetes {_LOW} to {_HIGH}; a newer one is a warning", "a cluster answers")


def look(facts: Facts) -> Outcome:
    """Compare the server's version."""
    text = facts.kube.version()
    have, low, high = (version(v) or (0, 0, 0) for v in (text, _LOW, _HIGH))
    known = f"the kit is tested with {_LOW} to {_HIGH}"
    if have[:2] < low[:2]:
        return error(f"Kubernetes {text} is too old; {known}", "Upgrade the cluster")
    if have[:2] > high[:2]:
        return warning(f"Kubernetes {text} is new; {known}", "Look for a newer kitctl")
    return good(f"Kubernetes {text}")
