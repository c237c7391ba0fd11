"""Objects of the cluster that several sections name: claims, and the certificate authority of a server outside."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob
from kitctl.model.values.types import ObjectName, SecretKey, Size


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


class Authority(Section):
    """The certificate authority that signed the certificate of an external server."""

    config_map: ObjectName = knob("", "Name of an existing ConfigMap with the CA certificates (PEM).")
    secret: ObjectName = knob("", "Name of an existing Secret with them, instead of a ConfigMap.")
    key: SecretKey = knob("ca.crt", "Key of the CA certificates in that ConfigMap or Secret.")
