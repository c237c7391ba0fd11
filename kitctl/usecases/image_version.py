"""Which Airflow an image holds, and whether the kit can run it."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_ref import VERSION_LABELS, full
from kitctl.model.versions import pin
from kitctl.tools import builder

_ASK_VERSION = """
import importlib.metadata as m
for name in ("apache-airflow-core", "apache-airflow"):
    try:
        print("AIRFLOW", m.version(name))
        break
    except m.PackageNotFoundError:
        pass
"""


def airflow_version(reference: str, tool: builder.Builder | None = None) -> str:
    """Return the version of Airflow inside an image of the builder's storage.

    Args:
        reference: Any Airflow image.
        tool: The builder; None means the one that answers.

    Raises:
        KitError: `image-no-airflow`, `image-too-old`, `image-missing`.
    """
    tool = tool or builder.find()
    name = full(reference)
    labels = tool.labels(name)
    version = next((labels[label] for label in VERSION_LABELS if labels.get(label)), "")
    if not version:
        answer = tool.run(name, ["python", "-c", _ASK_VERSION], timeout=60)
        found = re.search(r"^AIRFLOW (\S+)$", answer.stdout, re.MULTILINE)
        if found is None:
            raise KitError(
                "image-no-airflow",
                f"The image {reference} does not hold Airflow",
                cause="Its Python has no package apache-airflow" if answer.ok else "It has no program python that runs",
                fix=f"Start from {pin('airflow.image')}:{pin('airflow.version')} or from the kit's own image",
                code=ExitCode.PREFLIGHT,
            )
        version = found[1]
    new_enough(version, f"The image {reference}")
    return version


def new_enough(version: str, what: str) -> None:
    """Refuse a version below the minimum of versions.toml.

    Args:
        version: As the image or the user says it.
        what: Subject of the error's sentence.

    Raises:
        KitError: `image-too-old`.
    """
    minimum = pin("airflow.minimum")
    try:
        fine = Version(version) >= Version(minimum)
    except InvalidVersion:
        fine = False
    if not fine:
        raise KitError(
            "image-too-old",
            f"{what} has Airflow {version}; the kit needs {minimum} or newer",
            cause=f"Below {minimum} a task can read the tokens of other tasks",
            fix=f"Use Airflow {pin('airflow.version')}",
            code=ExitCode.PREFLIGHT,
        )
