"""Who runs kitctl: most drivers of minikube refuse root."""

from __future__ import annotations

from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, error, good

CHECK = Check("a user other than root", "a new cluster of minikube, except with the driver none")


def look(facts: Facts) -> Outcome:
    """Ask the provider."""
    if not facts.needs.no_root or facts.place.exists:
        return absent("Root can use this provider, or the cluster exists")
    if facts.host.root:
        fix = "Run kitctl without sudo, as a user of the group docker\nkitctl up --provider node    # as root"
        return error("kitctl runs as root", fix, facts.needs.no_root)
    return good("kitctl does not run as root")
