"""Room for images and state."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kitctl.model.needs import DISK, GIB
from kitctl.model.settings import cache_dir
from kitctl.usecases.doctor.catalogue import MACHINE, Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good, warning

CHECK = Check(
    f"{DISK // GIB} GiB free for the cache, the state and the images of container engines, 1 GiB in /tmp; "
    "a warning if a cluster exists already, or runs on another machine",
    purposes=MACHINE,
)
_ENGINES = ("/var/lib/docker", "/var/lib/containers", "/var/lib/containerd")


def look(facts: Facts) -> Outcome:
    """Look at each folder that is written to."""
    own = _own(facts)
    for folder in own:
        if not facts.host.writable(folder):
            return error(f"{folder} cannot be written to", "Set KITCTL_CACHE to a folder of yours")
    engines = [Path(path) for path in _ENGINES if facts.host.has(path)]
    for folder, least in [*((folder, DISK) for folder in (*own, *engines)), (Path(tempfile.gettempdir()), GIB)]:
        free = facts.host.disk_free(folder)
        if free < least:
            fail = error if facts.needs.here and facts.place.kube is None else warning
            fix = "Free some, or set KITCTL_CACHE and KITCTL_STATE to folders on a larger disk"
            return fail(f"{free / GIB:.1f} GiB free in {folder}, {least // GIB} GiB are needed", fix)
    return good(f"at least {DISK // GIB} GiB free in {' and '.join(map(str, (*own, *engines)))}")


def _own(facts: Facts) -> list[Path]:
    state = [Path(os.environ.get("KITCTL_STATE") or "/var/lib/kitctl")] if facts.host.root else []
    return [cache_dir(), *state]
