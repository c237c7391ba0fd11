"""What an upgrade starts from: the release that runs, its image, its packages and its database. Nothing is changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kitctl.errors import KitError
from kitctl.images import inventory
from kitctl.images.inventory import Inventory
from kitctl.model.settings import Settings
from kitctl.release import image_origin, job_pod
from kitctl.release.handle import Release, attach
from kitctl.release.preflight import database_pod
from kitctl.tools.deadline import Deadline
from kitctl.tools.helm.client import documents
from kitctl.tools.helm.records import records

_PATIENCE_SECONDS = 10.0
_POD_SECONDS = 180.0
_NAME = "upgrade-check"
"""`kitctl doctor` knows pods of checks that were killed by the end of this name."""


@dataclass(frozen=True)
class Running:
    """What the cluster says.

    Attributes:
        release: The handle; None where no cluster answers.
        kubernetes: Version of the cluster; "" where none answers.
        image: Image that runs; "" without a release.
        config: Values that the release was installed with.
        objects: What Helm wrote for it; [] where Helm does not know it.
        why: Why something of it is not known, in words for people.
    """

    release: Release | None = None
    kubernetes: str = ""
    image: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    why: str = ""


def ask(settings: Settings, seconds: float = _PATIENCE_SECONDS) -> Running:
    """Ask the cluster; it never fails, and takes no longer than some seconds.

    Args:
        settings: Which release.
        seconds: How long it may take: a login plugin or a firewall that drops packets would take minutes.
    """
    found = [Running(why=f"The cluster did not answer within {seconds:.0f} s")]

    def look() -> None:
        known = Running()
        try:
            release = attach(settings)
            known = Running(release, release.kube.version())
            image = image_origin.running(release)
            ended = [r for r in records(release.kube, settings.namespace, settings.release) if not r.pending]
            objects = documents(ended[-1].manifest) if ended else []
            config = ended[-1].config if ended else {}
            found[0] = Running(release, known.kubernetes, image, config, objects)
        except KitError as error:
            found[0] = Running(known.release, known.kubernetes, why=error.message)

    # A daemon, so that a call that hangs does not keep the process.
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0]


def taken(running: Running, settings: Settings) -> tuple[Inventory | None, str]:
    """Ask the image that runs, and its database, in a short-lived pod that is made from the migrate Job.

    Returns:
        What it says, or None and the reason why nothing is known.
    """
    job = database_pod.of(running.objects, "Job", database_pod.JOB)
    if running.release is None or not running.image:
        return None, running.why
    if job is None:
        return None, f"Helm knows no migrate Job of the release {settings.release}"
    pod = database_pod.pod(job, _NAME, "check/inventory.py", {"database": True})
    try:
        report, why = job_pod.report(
            running.release.kube, settings.namespace, pod, _POD_SECONDS, Deadline(settings.timeout)
        )
    except KitError as error:
        return None, error.message
    return (inventory.of(report), "") if report else (None, why)
