"""The Job that writes the objects of the values: a failure means that Airflow lacks what the values promise."""

from __future__ import annotations

from kitctl.release.handle import Release

OBJECTS = "objects"


def failures(release: Release) -> list[str]:
    """Return a line if the newest Job of the objects failed, with the command that shows its log."""
    own = [job for job in release.jobs if job.component == OBJECTS]
    last = max(own, key=lambda job: job.created, default=None)
    if last is None or not last.failed:
        return []
    why = f" ({last.message})" if last.message else ""
    return [f"{OBJECTS}: the Job failed{why}, so objects of the values may be missing; kitctl logs {OBJECTS}"]
