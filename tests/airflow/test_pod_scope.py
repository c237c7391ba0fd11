"""Two releases in one namespace: the KubernetesExecutor of one leaves the worker pods of the other alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.airflow.environment import deferring, interpreter, oldest_executor, run_python
from tests.airflow.policy_home import place
from tests.chart.release import render

READER = Path(__file__).with_name("scope_reader.py")
MINE, OTHERS = ["one-ended", "one-runs"], ["two-ended", "two-runs"]


def pod(release: str, state: str, phase: str) -> dict[str, Any]:
    """Return a worker pod of a release; its ids, and the number of its scheduler, are those of the other release."""
    template = render(release=release).worker_templates["default"]
    ids = {"dag_id": "d", "task_id": f"t_{state}", "run_id": "r", "try_number": "1"}
    labels = {**template["metadata"]["labels"], **ids, "airflow-worker": "1", "kubernetes_executor": "True"}
    name = f"{release}-{state}"
    metadata = {"name": name, "namespace": "airflow", "labels": labels, "annotations": ids, "resourceVersion": "7"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": {"phase": phase}}


def executor_of(folder: Path, role: str, python: Path, *, pods: list[str]) -> dict[str, list[str]]:
    """Return what the executor of the release `one` does in a namespace with these pods (see scope_reader.py)."""
    return ask(folder, place(folder / "home", render(release="one"), role), python, pods=pods)


def ask(folder: Path, env: dict[str, str], python: Path, *, pods: list[str]) -> dict[str, list[str]]:
    """Return the same for an executor with these variables."""
    home = folder / "home"
    phases = {"runs": "Running", "ended": "Succeeded"}
    found = [pod(*name.split("-"), phases[name.split("-")[1]]) for name in pods]
    text = json.dumps({"pods": found, "settings": str(folder)})
    done = run_python([str(READER)], text, {**env, "AIRFLOW_HOME": str(home)}, python=python)
    assert done.ok, done.stderr[-3000:]
    did: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return did


@pytest.mark.parametrize(
    ("role", "python"),
    [("scheduler", interpreter), ("scheduler", oldest_executor), ("scheduler", deferring), ("api-server", interpreter)],
    ids=["scheduler", "scheduler of the oldest provider", "scheduler of the kit's image", "api-server"],
)
def test_the_executor_of_a_release_sees_no_pod_of_another(
    tmp_path: Path, role: str, python: Callable[[], Path]
) -> None:
    did = executor_of(tmp_path, role, python(), pods=[*OTHERS, *MINE])
    assert did["problems"] == []
    assert sorted(did["adopted"]) == MINE
    assert did["deleted"] == ["one-ended"]
    assert did["watched"] == ["one-ended"]
    assert did["read"] == ["one-runs"]
    assert did["in_task"] == [*OTHERS, *MINE]


@pytest.mark.parametrize("python", [interpreter, oldest_executor], ids=["pinned", "oldest"])
def test_without_it_the_executor_takes_all(tmp_path: Path, python: Callable[[], Path]) -> None:
    """What the test above would show if the scope were missing: this is Airflow as it is."""
    (tmp_path / "home").mkdir()
    did = ask(tmp_path, {}, python(), pods=[*OTHERS, *MINE])
    assert sorted(did["adopted"]) == ["one-ended", "two-ended", "two-runs"]
    assert sorted(did["deleted"]) == ["one-ended", "two-ended"]
    assert did["read"] == []
    assert "Found multiple pods" in did["problems"][0]
