"""airflowLocalSettings and plugins of a claim, read by Airflow where the rendered pods have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.airflow.environment import run_python
from tests.chart.release import render

READER = Path(__file__).with_name("local_settings_reader.py")
SETTINGS = """
def pod_mutation_hook(pod):
    pod.metadata.labels["cost-center"] = "4711"

def task_policy(task):
    task.queue = "big"
"""
PLUGIN = """
from airflow.plugins_manager import AirflowPlugin

class House(AirflowPlugin):
    name = "house"
"""
CLAIM = {"prod/house.py": PLUGIN}
"""Files of the claim."""


def ask(tmp_path: Path, role: str, settings: str = SETTINGS) -> Any:
    """Put both where the pods of a role have them, and ask Airflow."""
    values = tmp_path / "values.yaml"
    values.write_text(
        json.dumps(
            {
                "executors": ["KubernetesExecutor", "CeleryExecutor"],
                "airflowLocalSettings": {"text": settings},
                "plugins": {"existingClaim": "shared", "subPath": "prod"},
            }
        ),
        encoding="utf-8",
    )
    release = render(values=(str(values),))
    data = next(c for c in release.all("ConfigMap") if c.metadata.name == "airflow-config").data
    pod = release.pod(role)
    home, claim = tmp_path / "home", tmp_path / "claim"
    for name, text in CLAIM.items():
        (claim / name).parent.mkdir(parents=True)
        (claim / name).write_text(text, encoding="utf-8")
    for mount in pod.spec.containers[0].volume_mounts:
        if mount.name not in ("local-settings", "plugins"):
            continue
        place = home / Path(mount.mount_path).relative_to("/opt/airflow")
        place.parent.mkdir(parents=True, exist_ok=True)
        if mount.name == "local-settings":
            place.write_text(data[mount.sub_path], encoding="utf-8")
        else:
            place.symlink_to(claim / mount.sub_path)
    answer = run_python([str(READER)], env={"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"})
    assert answer.ok, answer.stderr[-3000:]
    return json.loads(answer.stdout.splitlines()[-1])


@pytest.mark.parametrize("role", ["scheduler", "dag-processor", "worker", "celery"])
def test_airflow_applies_the_policies_and_lists_the_plugin(tmp_path: Path, role: str) -> None:
    found = ask(tmp_path, role)
    assert found == {"labels": {"cost-center": "4711"}, "queue": "big", "plugins": ["house"], "errors": {}}


def test_a_syntax_error_stops_airflow_as_the_kit_says(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="IndentationError"):
        ask(tmp_path, "scheduler", settings="def pod_mutation_hook(pod):\npass\n")
