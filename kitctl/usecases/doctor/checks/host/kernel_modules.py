"""Modules of the kernel that the built-in node uses."""

from __future__ import annotations

import platform

from kitctl.tools.process import run
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, warning

CHECK = Check(
    "overlay (else images are copied), veth (network of pods) and tun (way to the outside)",
    "a cluster of the built-in node",
    level="warning",
    mends="as root, loads them (modprobe)",
)
_SIGNS = {"tun": "/dev/net/tun"}


def look(facts: Facts) -> Outcome:
    """Look for each module: loaded, part of the kernel, or there to be loaded by itself."""
    if not facts.needs.modules:
        return absent(f"A cluster of {facts.provider} needs no module of its own")
    missing = _missing(facts)
    if not missing:
        return good(f"the kernel has {', '.join(facts.needs.modules)}")
    return warning(
        f"The kernel has not loaded {', '.join(missing)}",
        f"sudo modprobe -a {' '.join(missing)}",
        "They may be missing from it: the node then is slower, or has no way to the outside",
    )


def mend(facts: Facts) -> str:
    """Load them; KitError `command-failed` without the right, or where the kernel has no such module."""
    missing = _missing(facts)
    run(["modprobe", "-a", *missing], timeout=20, fix="Run it as root: sudo kitctl doctor --fix")
    return f"loaded {', '.join(missing)}"


def _missing(facts: Facts) -> list[str]:
    host = facts.host
    loaded = {line.split()[0] for line in host.text("/proc/modules").splitlines() if line}
    systems = {line.split()[-1] for line in host.text("/proc/filesystems").splitlines() if line}
    folder = f"/lib/modules/{platform.release()}"
    files = host.text(f"{folder}/modules.builtin") + host.text(f"{folder}/modules.dep")
    if not files:  # a container, which sees only what is loaded; the rest is not known
        return [name for name, sign in _SIGNS.items() if name in facts.needs.modules and not host.has(sign)]
    return [
        name
        for name in facts.needs.modules
        if not (
            name in loaded
            or name in systems
            or host.has(f"/sys/module/{name}")
            or f"/{name}.ko" in files
            or host.has(_SIGNS.get(name, "/nowhere"))
        )
    ]
