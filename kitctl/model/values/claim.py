"""Values of a PersistentVolumeClaim."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob
from kitctl.model.values.types import ObjectName, Size


class Claim(Section):
    """A PersistentVolumeClaim of the chart, or an existing one."""

    existing_claim: ObjectName = knob("", "Name of an existing claim to use instead of a new one.")
    storage_class: ObjectName = knob("", "Storage class of the claim; empty means the cluster's default.")
    access_mode: Literal["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", "ReadWriteOncePod"] = knob(
        "ReadWriteOnce",
        "Access mode of the claim.",
        why="ReadWriteOnce works on every cluster, but only for pods on one node; several nodes need ReadWriteMany.",
    )
    size: Size = knob(
        "5Gi", "Size of the claim.", why="Many storage classes can enlarge a claim later, none can shrink it."
    )
