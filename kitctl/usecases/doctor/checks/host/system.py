"""Linux, macOS or WSL, on amd64 or arm64."""

from __future__ import annotations

from kitctl.usecases.doctor.catalogue import ALL, Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good

CHECK = Check("a machine with amd64 or arm64", purposes=ALL)
_MACHINES = {"x86_64", "amd64", "aarch64", "arm64"}


def look(facts: Facts) -> Outcome:
    """Judge the architecture."""
    host = facts.host
    if host.machine.lower() not in _MACHINES:
        return error(f"No image of the kit runs on {host.machine}", "Use an amd64 or arm64 machine")
    return good(f"{host.system} on {host.machine}{', as root' if host.root else ''}")
