"""Plain `helm upgrade` after a Job failed: Helm cannot run that Job again, so the next render gives it another name."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from kitctl.tools.toolbox import tool
from tests.chart.release import CHART, render

FAILED = {"conditions": [{"type": "FailureTarget", "status": "True"}, {"type": "Failed", "status": "True"}]}
COMPLETE = {"conditions": [{"type": "Complete", "status": "True"}]}
RUNNING = {"startTime": "2026-01-01T00:00:00Z"}
SCHEME = {"batch/v1/Job": {"gvr": {"group": "batch", "version": "v1", "resource": "jobs"}, "namespaced": True}}


def job(name: str, status: dict[str, Any]) -> dict[str, Any]:
    meta = {"name": name, "namespace": "airflow"}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "status": status}


def names(component: str, jobs: dict[str, dict[str, Any]], folder: Path) -> str:
    """Return the Job's name where these Jobs are in the cluster, read from helm-unittest, which can pretend one."""
    suite = {
        "suite": "again",
        "templates": [f"templates/{component}/job.yaml"],
        "release": {"name": "airflow", "namespace": "airflow"},
        "tests": [
            {
                "it": "shows the name",
                "set": {"objects.pools.heavy.slots": 4} if component == "objects" else {},
                "kubernetesProvider": {"scheme": SCHEME, "objects": [job(n, s) for n, s in jobs.items()]},
                "asserts": [{"equal": {"path": "metadata.name", "value": "?"}}],
            }
        ],
    }
    file = folder / "again_test.yaml"
    file.write_text(yaml.safe_dump(suite))
    argv = [str(tool("helm-unittest")), "-f", str(file), str(CHART)]
    said = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60).stdout
    return next((word for word in said.split() if word.startswith(f"airflow-{component}-")), said)


@pytest.mark.parametrize("component", ["migrate", "keys", "objects"])
def test_a_job_that_failed_gets_another_name_and_keeps_it(component: str, tmp_path: Path) -> None:
    first = name_without_cluster(component)
    assert names(component, {}, tmp_path) == first
    assert names(component, {first: RUNNING}, tmp_path) == first
    assert names(component, {first: COMPLETE}, tmp_path) == first
    second = names(component, {first: FAILED}, tmp_path)
    assert second != first
    # Helm has deleted the first one.
    assert names(component, {second: COMPLETE}, tmp_path) == second
    third = names(component, {first: FAILED, second: FAILED}, tmp_path)
    assert third not in {first, second}
    assert names(component, {second: FAILED}, tmp_path) == first
    # Leftovers only; kitctl deletes the Job that it wants to run.
    assert names(component, {first: FAILED, second: FAILED, third: FAILED}, tmp_path) == first


def name_without_cluster(component: str) -> str:
    release = render(sets=("objects.pools.heavy.slots=4",) if component == "objects" else ())
    (found,) = (j.metadata.name for j in release.all("Job") if j.metadata.name.startswith(f"airflow-{component}-"))
    return str(found)
