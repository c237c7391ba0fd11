"""Whether the database can be used, asked from where the migrate Job will be, with its very credentials.

Nothing is written. Only the server's own "no", or its silence, is an error; where the pod cannot run, that is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kitctl.release import job_pod
from kitctl.release.preflight import database_pod
from kitctl.release.preflight.asked import Asked
from kitctl.release.preflight.database_refusal import refusal
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

_PATIENCE_SECONDS = 120.0
_NAME = "reach-check"


def external(objects: list[dict[str, Any]]) -> bool:
    """Return whether the release of rendered objects uses a database that is not part of it."""
    return database_pod.of(objects, "StatefulSet", "postgres") is None


def check(
    kube: Kube, namespace: str, objects: list[dict[str, Any]], note: Callable[[str], None], deadline: Deadline
) -> Asked:
    """Log in to the database, and ask what the migration needs.

    Args:
        kube: The cluster.
        namespace: Namespace of the release; it must exist.
        objects: The rendered objects, whose migrate Job is the pattern of the pod.
        note: Takes one line about what was found, or why nothing could be asked.
        deadline: How long to wait.

    Returns:
        Whether there was something to ask, and an answer.

    Raises:
        KitError: of `database_refusal.refusal` (code PREFLIGHT).
    """
    job = database_pod.of(objects, "Job", database_pod.JOB)
    if job is None:
        return Asked.NOTHING
    files = database_pod.sources(job)
    spec = {
        "scripts": database_pod.scripts("database.py", "database_url.py"),
        "secrets": database_pod.FOLDER,
        "files": sorted(files),
        "tries": 10,
    }
    pod = database_pod.starting_anyway(database_pod.pod(job, _NAME, "database/ask.py", spec))
    report, why = job_pod.report(kube, namespace, pod, _PATIENCE_SECONDS, deadline)
    if report is None:
        note(f"the database was not asked: {why}")
        return Asked.UNKNOWN
    own = not external(objects)
    if problem := refusal(report, files, namespace, own=own):
        raise problem
    note(f"PostgreSQL {report['version']} at {report['host']}:{report['port']} can be used")
    return Asked.FINE
