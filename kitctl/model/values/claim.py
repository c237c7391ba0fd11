"""Values of a PersistentVolumeClaim."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob
from kitctl.model.values.types import ObjectName, Size


class Claim(Section):
    """A PersistentVolumeClaim of the kit, or an existing one."""

    existing_claim: ObjectName = knob(
        "", "Name of a claim to use instead of the kit's own.", why="For storage that others fill, back up or own."
    )
    storage_class: ObjectName = knob(
        "", "Storage class; empty means the cluster's default.", why="Each cluster names its classes otherwise."
    )
    access_mode: Literal["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", "ReadWriteOncePod"] = knob(
        "ReadWriteOnce",
        "Access mode of the claim.",
        why="ReadWriteOnce is offered everywhere but binds all pods to one node; several nodes need ReadWriteMany.",
    )
    size: Size = knob(
        "5Gi", "Size of the claim.", why="Many storage classes can enlarge a claim later, none shrinks it."
    )
