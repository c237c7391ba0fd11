"""`--rollback-on-failure`: back to the revision that ran before, unless the database has moved on.

An older image refuses a database that a newer one has migrated, so the database is asked before anything goes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.release import waiting
from kitctl.release.operation import Operation
from kitctl.release.preflight import database_pod, downgrade
from kitctl.release.upgrade import way_back
from kitctl.tools.helm.client import documents
from kitctl.tools.helm.records import Record, records
from kitctl.tools.kube.objects import COMPONENT, INSTANCE

_PATIENCE_SECONDS = 120.0
_RESTORE = "Restore the backup from before the upgrade (docs/postgres.md)"


def gone_back(op: Operation, known: Sequence[Record], error: KitError) -> KitError:
    """Go back to the newest revision that was deployed before, and return the error with what came of it.

    Args:
        op: The operation.
        known: Helm's records from before the upgrade, oldest first.
        error: Why the upgrade failed. Its id and its exit code stay.
    """
    if error.code == ExitCode.UNREACHABLE:
        return error
    try:
        return _gone_back(op, known, error)
    except KitError as other:
        return _told(error, f"Going back failed: {other.message}", "", other.cause)


def _gone_back(op: Operation, known: Sequence[Record], error: KitError) -> KitError:
    release, where = op.settings.release, op.namespace
    before = next((record for record in reversed(known) if record.status == "deployed"), None)
    if before is None:
        words = "There is no earlier revision to go back to. What was installed stays, so that you can look at it"
        return _told(error, words, "kitctl down    # removes it; the data stays")
    now = records(op.kube, where, release)
    if not now or now[-1].revision <= before.revision:
        return error  # Helm refused it before it wrote anything
    command = f"helm -n {where} rollback {release} {before.revision}"
    with op.steps.step("After the failure"):
        objects = documents(before.manifest)
        if why := _back(op, before, now[-1], objects):
            words = f"kitctl did not go back to revision {before.revision}: {why}"
            return _told(error, words, f"{_RESTORE}, then: {command}")
        try:
            target = waiting.goal(where, release, objects)
            waiting.ready(op.kube, target, op.note, op.deadline.anew(op.settings.timeout))
        except KitError as other:
            words = f"kitctl went back to revision {before.revision}, which is not ready either: {other.message}"
            return _told(error, words, "kitctl status", other.cause)
    return _told(error, f"kitctl went back to revision {before.revision}, which is ready again", "kitctl status")


def _back(op: Operation, before: Record, failed: Record, objects: list[dict[str, Any]]) -> str:
    """Let Helm write the objects of the revision before, or return why it must not.

    Raises:
        KitError: of Helm and the cluster.
    """
    held = _hold_migrations(op, objects)
    try:
        why = _ahead(op, failed, objects)
        if not why:
            op.note(f"going back to revision {before.revision}")
            op.helm.rollback(op.settings.release, op.namespace, before.revision)
            held = []
    finally:
        for name in held:
            op.kube.patch("Job", op.namespace, name, {"spec": {"suspend": False}})
    return why


def _told(error: KitError, words: str, fix: str, more: str = "") -> KitError:
    cause = "\n".join(part for part in (error.cause, words, more) if part)
    return replace(error, cause=cause, fix="\n".join(part for part in (fix, error.fix) if part))


def _ahead(op: Operation, failed: Record, objects: list[dict[str, Any]]) -> str:
    """Return why the revision before cannot serve the database any more, or ""."""
    job = database_pod.of(objects, "Job", database_pod.JOB)
    new = database_pod.of(documents(failed.manifest), "Job", database_pod.JOB)
    if job is not None and new is not None and job["metadata"]["name"] == new["metadata"]["name"]:
        return ""  # the same image with the same configuration: nothing was migrated
    running = [pod.name for pod in op.kube.pods(op.namespace, _selector(op)) if pod.phase == "Running"]
    if running:
        return f"the migration of the database is still running ({running[0]})"
    if job is None:
        fits, words = None, "the revision has no migrate Job"
    else:
        op.note("comparing the database with the image of the revision before")
        fits, words = downgrade.compared(op.kube, op.namespace, job, op.deadline.anew(_PATIENCE_SECONDS))
    if fits is False:
        return f"its Airflow is older than the database, which was migrated. {words}"
    old, newer = (way_back.airflow_version(found) for found in (objects, documents(failed.manifest)))
    if fits is None and old != newer:
        return f"Airflow {newer} may have migrated the database, which Airflow {old} does not take. {words}"
    return ""


def _selector(op: Operation) -> str:
    return f"{INSTANCE}={op.settings.release},{COMPONENT}={database_pod.JOB}"


def _hold_migrations(op: Operation, objects: list[dict[str, Any]]) -> list[str]:
    """Suspend migrations that have not begun: a pod that finds its image at last would migrate under the old revision.

    Returns:
        Names of the Jobs.
    """
    old = {obj["metadata"]["name"] for obj in objects if obj["kind"] == "Job"}
    jobs = [job for job in op.kube.jobs(op.namespace, op.settings.release) if job.component == database_pod.JOB]
    waits = [job.name for job in jobs if not (job.complete or job.failed or job.name in old)]
    if any(pod.phase == "Running" for pod in op.kube.pods(op.namespace, _selector(op))):
        return []
    for name in waits:
        op.kube.patch("Job", op.namespace, name, {"spec": {"suspend": True}})
    return waits
