"""airflow_local_settings.py and plugins of a claim: in every pod that runs Airflow, worker pods included."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chart.release import Pod, render

ALL = (
    "executors={KubernetesExecutor,CeleryExecutor}",
    "flower.enabled=true",
    "pgbouncer.enabled=true",
    "workers.profiles.gpu.nodeSelector.gpu=yes",
    "workers.celery.groups[0].name=big",
    "workers.celery.groups[0].queues={big}",
)
FILE, FOLDER = "/opt/airflow/config/airflow_local_settings.py", "/opt/airflow/plugins"
DATABASE_JOBS = {"migrate", "clean-db"}
PROCESSES = {"api-server", "scheduler", "dag-processor", "triggerer", "worker", "celery"}
WITHOUT = {"postgres", "redis", "flower", "pgbouncer", "keys", "clean-logs", "clean-pods"}


def mount(pod: Pod, path: str) -> Any:
    """Return the mount of the main container at a path, or None."""
    return next((m for m in pod.spec.containers[0].volume_mounts or [] if m.mount_path == path), None)


def volume(pod: Pod, name: str) -> Any:
    return next(v for v in pod.spec.volumes if v.name == name)


@pytest.mark.parametrize(
    ("source", "kind", "name", "key"),
    [
        ("text=x = 1", "config_map", "airflow-config", "airflow_local_settings.py"),
        ("configMap=mine", "config_map", "mine", "hooks.py"),
        ("secret=mine", "secret", "mine", "hooks.py"),
    ],
)
def test_every_pod_that_runs_airflow_has_the_file(source: str, kind: str, name: str, key: str) -> None:
    more = (f"airflowLocalSettings.{source}", "airflowLocalSettings.key=hooks.py")
    release = render(sets=(*ALL, *more))
    having = {pod.component for pod in release.pods if mount(pod, FILE)}
    assert having == PROCESSES | DATABASE_JOBS
    assert {pod.component for pod in release.pods if not mount(pod, FILE)} == WITHOUT
    for pod in release.pods:
        if found := mount(pod, FILE):
            own = getattr(volume(pod, found.name), kind)
            assert (getattr(own, "secret_name" if kind == "secret" else "name"), own.items[0].key) == (name, key), pod
            assert (found.sub_path, found.read_only) == (own.items[0].path, True), pod


def test_the_text_is_where_worker_pods_run() -> None:
    sets = ("workers.namespace=tasks", "logs.persistence.enabled=false", "airflowLocalSettings.text=x = 1")
    maps = [c for c in render(sets=sets).all("ConfigMap") if c.metadata.name == "airflow-config"]
    texts = {c.metadata.namespace: c.data["airflow_local_settings.py"] for c in maps}
    assert texts == {"airflow": "x = 1", "tasks": "x = 1"}


def test_every_process_of_airflow_has_the_plugins_and_cannot_write_them() -> None:
    release = render(sets=(*ALL, "plugins.existingClaim=shared", "plugins.subPath=prod"))
    assert {pod.component for pod in release.pods if mount(pod, FOLDER)} == PROCESSES
    for pod in release.pods:
        if found := mount(pod, FOLDER):
            claim = volume(pod, found.name).persistent_volume_claim
            assert (claim.claim_name, claim.read_only, found.sub_path, found.read_only) == (
                "shared",
                True,
                "prod",
                True,
            )


def test_a_release_without_either_has_neither() -> None:
    assert [pod for pod in render(sets=ALL).pods if mount(pod, FILE) or mount(pod, FOLDER)] == []
