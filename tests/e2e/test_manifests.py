"""The third door: one rendered file and kubectl, with and without Celery, in a namespace that enforces "restricted"."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kitctl.images import recipes
from tests.e2e.git import images
from tests.e2e.git.stories import SMALL
from tests.e2e.kit import CLUSTER, ROOT, Done, Kit, finish, run, start_run, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1200)]
NAMESPACE = "manifests"
PORT = 30841
LEVEL = "pod-security.kubernetes.io/enforce=restricted"
SERVERS = (recipes.ensure_postgres_image, recipes.ensure_rabbitmq_image)
FILES = {"airflow.all.yaml": "kit-smoke-", "airflow.celery.yaml": "airflow-celery-"}
"""File → how the hosts begin on which its tasks run."""


@pytest.fixture(scope="module")
def values(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Values of a small release; its images are on the node."""
    image = recipes.ensure_airflow_image(images.say)
    images.load(CLUSTER, image, *(ensure(images.say) for ensure in SERVERS))
    repository, _, tag = image.rpartition(":")
    small: dict[str, Any] = SMALL
    service = {"type": "NodePort", "nodePort": PORT}
    celery = {"replicas": 1, "concurrency": 2, "resources": {"requests": {"cpu": "50m", "memory": "512Mi"}}}
    written: dict[str, Any] = {
        **small,
        "image": {"repository": repository, "tag": tag},
        "apiServer": {**small["apiServer"], "service": service},
        "workers": {**small["workers"], "celery": celery},
        "smoke": {"enabled": True},
    }
    path = tmp_path_factory.mktemp("manifests") / "values.yaml"
    path.write_text(json.dumps(written), encoding="utf-8")
    return path


@pytest.fixture(params=FILES)
def created(kit: Kit, values: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Kit, str]]:
    """A release that `kubectl create -f` has made of one file, and the name of the file."""
    mine = kit.sibling(NAMESPACE, "airflow")
    mine.kubectl("create", "namespace", NAMESPACE).ok()
    mine.kubectl("label", "namespace", NAMESPACE, LEVEL).ok()
    make(mine, request.param, request.param, values).ok()
    mine.kubectl("create", "-f", str(ROOT / request.param), timeout=120).ok()
    yield mine, request.param
    mine.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=180s", timeout=200).ok()


def make(kit: Kit, target: str, manifest: str, values: Path) -> Done:
    """Run a target of the Makefile as a person would."""
    words = [f"MANIFEST={manifest}", f"NAMESPACE={kit.namespace}", f"HELM_VALUES={values}", f"CONTEXT={kit.context}"]
    return run(["make", target, *words], timeout=200, env=kit.environment(), cwd=ROOT)


def ready(kit: Kit) -> bool:
    """Tell whether every Deployment and StatefulSet has its pods."""
    found = [item for kind in ("deployments", "statefulsets") for item in kit.get(kind)]
    return all(item["status"].get("readyReplicas") == item["spec"]["replicas"] for item in found) and bool(found)


def test_a_dag_runs_on_what_kubectl_creates_and_delete_removes_it(created: tuple[Kit, str], values: Path) -> None:
    kit, manifest = created
    wait_for("every pod to be ready", lambda: ready(kit), timeout=480, pause=3)
    keys = kit.kubectl("get", "secret", "airflow-keys", "-o", "json").ok().json
    assert {"fernet-key", "broker-password", "flower-password"} <= set(keys["data"]), "made by the Job in the cluster"
    api = kit.api_by_keys("airflow-keys", PORT)
    run_id = start_run(api, "kit_smoke", timeout=240)
    assert finish(api, "kit_smoke", run_id, timeout=240) == "success"
    hosts = [str(task["hostname"]) for task in api.task_instances("kit_smoke", run_id)]
    assert [host for host in hosts if not host.startswith(FILES[manifest])] == []
    assert [e for e in kit.get("events") if "violates PodSecurity" in e.get("message", "")] == []
    make(kit, "delete", manifest, values).ok()
    assert kit.get("deployments") + kit.get("statefulsets") == []
