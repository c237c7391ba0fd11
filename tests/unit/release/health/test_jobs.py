"""A failure of the Job that writes the objects of the values is a problem of the release."""

from __future__ import annotations

from typing import Any

import pytest

from kitctl.release.components import pods_of
from kitctl.usecases.status import read_status
from tests.unit.fake_release import add_pod, add_release, labels, make_release


def add_job(fake: Any, name: str, condition: str, created: str, component: str = "objects") -> None:
    meta = {"name": name, "labels": labels(component), "creationTimestamp": created}
    found = [{"type": condition, "status": "True", "message": "reached backoff limit"}]
    fake.add({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "status": {"conditions": found}})


@pytest.mark.parametrize("newest", ["Failed", "Complete"])
def test_the_newest_job_counts(fake: Any, newest: str) -> None:
    add_release(fake)
    add_job(fake, "airflow-objects-1", "Complete" if newest == "Failed" else "Failed", "2026-03-14T13:00:00Z")
    add_job(fake, "airflow-objects-2", newest, "2026-03-14T14:00:00Z")
    add_job(fake, "airflow-migrate-1", "Failed", "2026-03-14T15:00:00Z", component="migrate")
    report = read_status(make_release(fake))
    line = (
        "objects: the Job failed (reached backoff limit), so objects of the values may be missing; kitctl logs objects"
    )
    assert (report.healthy, report.problems) == ((False, [line]) if newest == "Failed" else (True, []))


def test_its_pods_have_logs(fake: Any) -> None:
    add_release(fake)
    add_job(fake, "airflow-objects-1", "Failed", "2026-03-14T13:00:00Z")
    add_pod(fake, "objects", "airflow-objects-1-x", ready=False, status={"phase": "Failed"})
    assert [pod.name for pod in pods_of(make_release(fake), "objects")] == ["airflow-objects-1-x"]
