"""Whether the database is ahead of the image: found before the running scheduler ends, not by the Job that refuses it.

A short-lived pod, made from the rendered migrate Job, compares the database with the migrations that the image knows.
It has the Job's labels, or network policies would keep it from the database. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from packaging.version import Version

from kitctl.errors import ExitCode, KitError
from kitctl.images.versions import ANYWAY, kit_version, official_version
from kitctl.release import job_pod
from kitctl.release.preflight import database_pod
from kitctl.release.preflight import image as image_check
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

NAME = "database-check"
_SCRIPTS = ("database.py", "database_url.py", "wait_for_database.py")
_PATIENCE_SECONDS = 120.0
_AHEAD = "AHEAD "
_FITS = "FITS"


def check(
    kube: Kube, namespace: str, objects: list[dict[str, Any]], note: Callable[[str], None], deadline: Deadline
) -> None:
    """Refuse an image whose Airflow is older than the database of the release that runs.

    Args:
        kube: The cluster.
        namespace: Namespace of the release.
        objects: The rendered objects.
        note: Takes one line about what is looked at, or why it could not be.
        deadline: How long to wait.

    Raises:
        KitError: `airflow-downgrade` (code PREFLIGHT).
    """
    processor = database_pod.of(objects, "Deployment", job_pod.PATTERN)
    job = database_pod.of(objects, "Job", database_pod.JOB)
    live = kube.get("Deployment", namespace, processor["metadata"]["name"]) if processor else None
    if processor is None or job is None or live is None or image_check.runs(kube, namespace, processor):
        return
    reference = str(job_pod.main_container(processor)["image"])
    if _not_older(reference, str(job_pod.main_container(live)["image"])):
        return
    note(f"comparing the database with {reference}")
    fits, words = compared(kube, namespace, job, deadline)
    if fits is None:
        note(f"the database was not compared with {reference}: {words}")
    elif not fits:
        raise _refused(reference, words)


def compared(kube: Kube, namespace: str, job: dict[str, Any], deadline: Deadline) -> tuple[bool | None, str]:
    """Compare the database with the migrations that an image knows.

    Args:
        kube: The cluster.
        namespace: Namespace of the release.
        job: A migrate Job, rendered, with that image.
        deadline: How long to wait.

    Returns:
        True if the image takes the database, False if the database is ahead of it, None if nobody can tell; and why.
    """
    pod = database_pod.pod(job, NAME, "database/compare.py", database_pod.scripts(*_SCRIPTS))
    try:
        with job_pod.made(kube, namespace, pod, deadline) as name:
            answer = job_pod.answer(kube, namespace, name, deadline.sooner(_PATIENCE_SECONDS))
    except KitError as error:
        if error.id not in {"forbidden", "kubernetes-refused", "object-refused"}:
            raise
        answer = error.message
    lines = answer.strip().splitlines() or ["its pod printed nothing"]
    if ahead := next((line for line in lines if line.startswith(_AHEAD)), ""):
        return False, ahead.removeprefix(_AHEAD)
    return (True, "") if _FITS in lines else (None, lines[-1])


def _refused(reference: str, why: str) -> KitError:
    return KitError(
        "airflow-downgrade",
        f"The image {reference} has an older Airflow than the database",
        cause=f"{why} Nothing was changed, and the release goes on running",
        fix="Deploy an image with the Airflow that runs, or a newer one\n"
        "To go back to the older Airflow, restore a backup from before the upgrade (docs/postgres.md)\n" + ANYWAY,
        code=ExitCode.PREFLIGHT,
    )


def _not_older(new: str, old: str) -> bool:
    """Whether the names alone prove that an image has the same Airflow as the running one, or a newer."""
    versions = [kit_version(reference) or official_version(reference) for reference in (new, old)]
    return all(versions) and Version(versions[0]) >= Version(versions[1])
