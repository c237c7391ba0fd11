"""What an Airflow consists of: packages, options and migrations, told by the image or by a pod that runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kitctl.errors import KitError
from kitctl.images.dag_import import REPORT
from kitctl.model.versions import data_dir
from kitctl.tools.builders import builder

_SCRIPTS = "/tmp/kitctl-check"  # noqa: S108 - a mount point in a container
_SECONDS = 180.0


@dataclass(frozen=True)
class Inventory:
    """The report of docker/check/inventory.py.

    Attributes:
        airflow: Version of Airflow.
        python: Version of Python.
        packages: Name and version of each package.
        options: Defaults by section and option.
        renamed: Older `section.option` and the one of today.
        still_read: Older `section.option` of `renamed` that this Airflow still reads; it ignores the others.
        removed: `section.option` that are gone.
        revisions: Migrations of Airflow's own tables.
        database: Version and revision of the database, or `said`; {} if it was not asked.
    """

    airflow: str
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    still_read: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    database: Mapping[str, str] = field(default_factory=dict)


def of(report: Mapping[str, Any]) -> Inventory:
    """Read the report."""
    lists = {key: tuple(report.get(key, ())) for key in ("still_read", "removed", "revisions")}
    return Inventory(**{**report, **lists})


def of_image(reference: str) -> Inventory:
    """Ask an image of the builder's storage.

    Raises:
        KitError: `inventory-failed`.
    """
    mounts = [builder.Mount(data_dir("docker/check"), _SCRIPTS)]
    done = builder.find().run(reference, ["python3", f"{_SCRIPTS}/inventory.py"], mounts=mounts, timeout=_SECONDS)
    if found := REPORT.search(done.stdout):
        return of(json.loads(found[1]))
    raise KitError(
        "inventory-failed",
        f"The image {reference} does not tell its packages and options",
        cause=(done.stderr or done.stdout).strip()[-1500:] or f"It ended with exit code {done.code}",
        fix="Use an image with Airflow 3: --new-image REFERENCE",
    )
