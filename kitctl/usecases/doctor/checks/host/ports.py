"""The ports of this machine that a new cluster listens on."""

from __future__ import annotations

from kitctl.model.options.purpose import Purpose
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, error, good

CHECK = Check(
    "free ports: 30809 for kind, 8443 and 10250 for minikube with the driver none; the others need none",
    "a new cluster of a provider that listens on this machine",
    purposes=frozenset({Purpose.UP}),
)


def look(facts: Facts) -> Outcome:
    """Try each port. Those of a cluster that was made are its own."""
    ports = facts.needs.ports
    if not ports:
        return absent(f"A cluster of {facts.provider} needs no port of this machine")
    if facts.place.exists:
        return absent("The cluster exists, and has its ports")
    taken = [f"{port} ({use})" for port, use in ports.items() if facts.host.port_taken(port)]
    if taken:
        first = taken[0].split()[0]
        words = f"These ports of this machine are taken: {', '.join(taken)}"
        return error(words, f"sudo ss -ltnp 'sport = :{first}'    # shows the program; end it, or use another --ports")
    return good(f"free: {', '.join(map(str, ports))}")
