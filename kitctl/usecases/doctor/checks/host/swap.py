"""No swap below the kubelet."""

from __future__ import annotations

from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, warning

CHECK = Check(
    "swap is off, as limits of memory do not hold with it",
    "the nodes share the kernel of this machine",
    level="warning",
)


def look(facts: Facts) -> Outcome:
    """Read /proc/swaps: a heading, and a line for each."""
    if not facts.needs.kernel:
        return absent("The nodes do not share the kernel of this machine")
    used = [line.split()[0] for line in facts.host.text("/proc/swaps").splitlines()[1:] if line.split()]
    if not used:
        return good("swap is off")
    return warning(
        f"Swap is on: {', '.join(used)}",
        "sudo swapoff -a    # until the next boot; for good, remove it from /etc/fstab",
        "Pods that should end at their limit of memory slow the whole machine down instead",
    )
