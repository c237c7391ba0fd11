"""Objects of the cluster that several sections name: claims, files of Python, the certificate authority of a server."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob
from kitctl.model.values.types import ClaimFolder, ObjectName, SecretKey, Size


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


class PythonFile(Section):
    """A file of the user's that Airflow imports."""

    text: str = knob(
        "",
        "Text of the file. It is stored in a ConfigMap: read secrets from `os.environ`, and take them from a Secret in "
        "`env`.",
    )
    config_map: ObjectName = knob("", "Existing ConfigMap with the file, instead of `text`.")
    secret: ObjectName = knob("", "Existing Secret with the file, instead of `text`.")


class LocalSettings(PythonFile):
    """The file airflow_local_settings.py."""

    key: SecretKey = knob("airflow_local_settings.py", "Key of the file in that ConfigMap or Secret.")


class Plugins(Section):
    """A claim with plugins."""

    existing_claim: ObjectName = knob(
        "",
        "Name of an existing claim, mounted read-only at `/opt/airflow/plugins`. Without it, plugins come from the "
        "image, or from the DAG source (`dags.plugins`).",
    )
    sub_path: ClaimFolder = knob("", "Folder of the claim that is mounted; empty means the whole claim.")


class Authority(Section):
    """The certificate authority that signed the certificate of an external server."""

    config_map: ObjectName = knob("", "Name of an existing ConfigMap with the CA certificates (PEM).")
    secret: ObjectName = knob("", "Name of an existing Secret with them, instead of a ConfigMap.")
    key: SecretKey = knob("ca.crt", "Key of the CA certificates in that ConfigMap or Secret.")
