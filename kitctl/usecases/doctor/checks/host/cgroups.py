"""Control groups of the version that Kubernetes goes on with."""

from __future__ import annotations

from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, warning

CHECK = Check(
    "control groups of version 2; kubelets from 1.35 on refuse version 1",
    "the nodes share the kernel of this machine",
    level="warning",
)


def look(facts: Facts) -> Outcome:
    """Only version 2 has this file at the top."""
    if not facts.needs.kernel or facts.host.system != "linux":
        return absent("The nodes do not share the kernel of this machine")
    if facts.host.has("/sys/fs/cgroup/cgroup.controllers"):
        return good("control groups of version 2")
    return warning(
        "This machine has control groups of version 1",
        "Boot with systemd.unified_cgroup_hierarchy=1, or use a newer distribution\n"
        "Until then: a Kubernetes before 1.35, as kitctl creates",
        "Kubernetes no longer develops its support of them",
    )
