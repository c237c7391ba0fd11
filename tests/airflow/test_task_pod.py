"""`kitctl render pod --dag FILE --task ID`: Airflow completes the template, as the executor would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.usecases.render.task_pod import task_pod
from tests.airflow import local

DAG = """
from airflow.sdk import dag, task
from kubernetes.client import models as k8s

GPU = "/opt/airflow/pod_templates/gpu.yaml"
MORE = k8s.V1Pod(spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="base", env=[k8s.V1EnvVar(name="A", value="1")])]))
UNITS = k8s.V1ResourceRequirements(requests={"memory": "2GB"})
LARGE = k8s.V1Pod(spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="base", resources=UNITS)]))

@dag
def demo():
    @task(executor_config={"pod_template_file": GPU, "pod_override": MORE})
    def train(): ...
    @task(executor_config={"pod_template_file": "/opt/airflow/dags/mine.yaml"})
    def lost(): ...
    @task(executor_config={"KubernetesExecutor": {"image": "x"}})
    def old(): ...
    @task(executor_config={"pod_override": LARGE})
    def large(): ...
    @task
    def plain(): ...
    train() >> lost() >> old() >> large() >> plain()

demo()
"""
VALUES = """
workers: {namespace: tasks, profiles: {gpu: {nodeSelector: {gpu: "true"}}}}
logs: {persistence: {enabled: false}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    local.use(monkeypatch)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "demo.py").write_text(DAG, encoding="utf-8")
    (tmp_path / "values.yaml").write_text(VALUES, encoding="utf-8")
    return tmp_path


def pod(folder: Path, task: str) -> dict[str, Any]:
    settings = Settings(values=(folder / "values.yaml",))
    found: dict[str, Any] = yaml.safe_load(task_pod(settings, folder / "dags" / "demo.py", task))
    return found


def test_profile_executor_and_override_come_together(folder: Path) -> None:
    found = pod(folder, "train")
    base = found["spec"]["containers"][0]
    assert found["spec"]["nodeSelector"] == {"gpu": "true"}
    assert {"name": "A", "value": "1"} in base["env"]
    assert "AIRFLOW__CORE__EXECUTION_API_SERVER_URL" in json.dumps(base["env"])
    assert base["args"][2] == "airflow.sdk.execution_time.execute_workload"
    assert found["metadata"]["labels"]["task_id"] == "train"
    assert found["metadata"]["namespace"] == "tasks"


def test_a_template_that_the_scheduler_cannot_read_is_refused(folder: Path) -> None:
    with pytest.raises(KitError) as error:
        pod(folder, "lost")
    assert error.value.id == "pod-template-missing"
    assert "/opt/airflow/pod_templates/gpu.yaml" in error.value.cause


def test_the_dict_of_airflow_1_is_refused(folder: Path) -> None:
    with pytest.raises(KitError) as error:
        pod(folder, "old")
    assert error.value.id == "executor-config-invalid"


def test_an_unknown_task_is_told_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(KitError) as error:
        pod(folder, "nope")
    assert error.value.id == "task-missing"
    assert "large, lost, old, plain, train" in error.value.cause


def test_what_a_pod_override_breaks_is_a_mistake_of_the_dag_file(folder: Path) -> None:
    with pytest.raises(KitError) as error:
        pod(folder, "large")
    assert error.value.id == "pod-override-invalid"
    assert "spec.containers[0].resources.requests.memory: '2GB' is not a quantity" in error.value.cause
    assert str(folder / "dags" / "demo.py") in error.value.fix
    assert "template" not in error.value.fix
