"""The second door: `helm install --wait` without kitctl, in a namespace that enforces Pod Security "restricted".

The image has the layout and the entrypoint of the official one: nothing of the chart may rely on the kit's own image.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.git import images
from tests.e2e.kit import CLUSTER, ROOT, Kit, finish, log_text, start_run, wait_for
from tests.e2e.official_like import ensure

NAMESPACE = "plain"
PORT = 30811
RESTRICTED = "pod-security.kubernetes.io"


@pytest.fixture(scope="module")
def official_like(release: Kit) -> str:
    """The test image of tests/images, built where it is not there yet, and on the node."""
    reference = ensure(images.say)
    images.load(CLUSTER, reference)
    return reference


@pytest.fixture(scope="module")
def plain(release: Kit, official_like: str, request: pytest.FixtureRequest) -> Kit:
    """The release of Helm alone; its namespace goes afterwards."""
    kit = release.sibling(NAMESPACE, "plain")
    kit.kubectl("create", "namespace", NAMESPACE).ok()
    # A finalizer and no `finally`: when the install fails, the namespace must still be there for the dump.
    request.addfinalizer(
        lambda: kit.kubectl("delete", "namespace", NAMESPACE, "--timeout=180s", timeout=200).ok(),
    )
    kit.kubectl("label", "namespace", NAMESPACE, f"{RESTRICTED}/enforce=restricted").ok()
    install(kit, official_like).ok()
    return kit


def install(kit: Kit, reference: str, *sets: str) -> Any:
    """Run `helm upgrade --install --wait` as a person without kitctl would."""
    repository, tag = reference.rsplit(":", 1)
    values = [
        f"image.repository={repository}",
        f"image.tag={tag}",
        "apiServer.service.type=NodePort",
        f"apiServer.service.nodePort={PORT}",
        "smoke.enabled=true",
        *sets,
    ]
    words = [word for pair in values for word in ("--set", pair)]
    chart = str(ROOT / "chart")
    return kit.helm("upgrade", "--install", "plain", chart, "--wait", "--timeout", "6m", *words, timeout=400)


def secret(kit: Kit) -> dict[str, str]:
    """Return the keys as Kubernetes holds them."""
    return dict(kit.kubectl("get", "secret", "plain-airflow-keys", "-o", "json").ok().json["data"])


def session(kit: Kit) -> AirflowApi:
    """Return a session with the release, by what NOTES tell a user of Helm."""
    return kit.api_by_keys("plain-airflow-keys", PORT)


def green(kit: Kit) -> str:
    """Run the smoke DAG and return the id of the run."""
    api = session(kit)
    run_id = start_run(api, "kit_smoke")
    assert finish(api, "kit_smoke", run_id, timeout=180) == "success"
    return run_id


def test_every_workload_is_ready_when_helm_returns(plain: Kit) -> None:
    for kind in ("deployments", "statefulsets"):
        for item in plain.get(kind):
            assert item["status"].get("readyReplicas") == item["spec"]["replicas"], item["metadata"]["name"]


def test_no_pod_was_refused_by_pod_security(plain: Kit) -> None:
    refused = [e for e in plain.get("events") if "violates PodSecurity" in e.get("message", "")]
    assert refused == []


def test_the_keys_came_from_the_job_and_belong_to_nobody(plain: Kit) -> None:
    found = plain.kubectl("get", "secret", "plain-airflow-keys", "-o", "json").ok().json
    assert {"fernet-key", "jwt-secret", "api-secret-key", "postgres-password", "admin-password"} <= set(found["data"])
    assert "meta.helm.sh/release-name" not in (found["metadata"].get("annotations") or {})


def test_a_dag_runs_green_on_the_official_layout(plain: Kit) -> None:
    run_id = green(plain)
    api = session(plain)
    tasks = api.task_instances("kit_smoke", run_id)
    wait_for("the worker pods to end", lambda: not plain.pods("worker"), timeout=60)
    assert log_text(api, "kit_smoke", run_id, tasks[0]["task_id"]).strip()


def test_an_upgrade_keeps_keys_and_data_and_runs_on(plain: Kit, official_like: str) -> None:
    before, run_id = secret(plain), session(plain).runs("kit_smoke")[0]["dag_run_id"]
    install(plain, official_like, "scheduler.podAnnotations.round=two").ok()
    assert secret(plain) == before
    assert session(plain).run("kit_smoke", run_id)["state"] == "success"
    green(plain)


def test_an_upgrade_without_a_change_changes_no_object(plain: Kit, official_like: str) -> None:
    def generations() -> dict[str, int]:
        kinds = ("deployments", "statefulsets", "jobs", "networkpolicies")
        found = {f"{kind}/{i['metadata']['name']}": i["metadata"] for kind in kinds for i in plain.get(kind)}
        return {name: metadata["generation"] for name, metadata in found.items()}

    before = generations()
    install(plain, official_like, "scheduler.podAnnotations.round=two").ok()
    assert generations() == before


def test_the_history_of_the_release_holds_no_secret(plain: Kit) -> None:
    told = plain.helm("get", "all", "plain").ok().out
    for name, value in secret(plain).items():
        assert base64.b64decode(value).decode() not in told, name


def test_uninstall_keeps_keys_and_data(plain: Kit) -> None:
    before = secret(plain)
    plain.helm("uninstall", "plain", "--wait", "--timeout", "3m", timeout=200).ok()
    assert secret(plain) == before
    assert [c for c in plain.get("pvc") if "postgres" in c["metadata"]["name"]]
