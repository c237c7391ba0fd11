"""The way out of Pod Security "restricted": worker pods and what they launch in a namespace with another level."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.git.stories import SMALL, values_file
from tests.e2e.kit import Kit, finish, start_run

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]
JOBS = "e2e-privileged"
DAG = """
import os
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG
from kubernetes.client import models as k8s

with DAG("as_root", schedule=None):
    KubernetesPodOperator(
        task_id="who",
        image=os.environ.get("AIRFLOW_KIT_IMAGE", "known in the release only"),
        cmds=["sh", "-c"],
        arguments=["echo I am user $(id -u) of $(cat /host/hostname)"],
        security_context={"runAsUser": 0},
        volumes=[k8s.V1Volume(name="host", host_path=k8s.V1HostPathVolumeSource(path="/etc"))],
        volume_mounts=[k8s.V1VolumeMount(name="host", mount_path="/host", read_only=True)],
    )
"""


@pytest.fixture(scope="module")
def mine(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A release whose worker pods run in a namespace that allows everything."""
    folder = tmp_path_factory.mktemp("privileged")
    (folder / "dags").mkdir()
    (folder / "dags" / "as_root.py").write_text(DAG, encoding="utf-8")
    workers = {**SMALL["workers"], "namespace": JOBS, "podOperatorRights": True}
    values = {**SMALL, "logs": {"persistence": {"enabled": False}}, "workers": workers}
    level = kit.sibling("e2e-level", "level")
    level.kubectl("create", "namespace", JOBS, namespace="default").ok()
    label = "pod-security.kubernetes.io/enforce=privileged"
    level.kubectl("label", "namespace", JOBS, label, namespace="default").ok()
    level.env = {**kit.env, "KITCTL_VALUES": str(values_file(folder, values)), "KITCTL_NODE_PORT": "30824"}
    level("up", "--dags", folder / "dags", "--no-smoke", timeout=600).ok()
    yield level
    level("down", "--volumes", timeout=240)
    for namespace in (level.namespace, JOBS):
        level.kubectl("delete", "namespace", namespace, "--timeout=90s", namespace="default", timeout=120)


def test_a_pod_of_root_with_a_host_path_runs_there(mine: Kit) -> None:
    api = mine.api()
    run_id = start_run(api, "as_root")
    assert finish(api, "as_root", run_id, timeout=240) == "success"


def test_the_check_tells_what_such_a_pod_needs(mine: Kit, tmp_path: Path) -> None:
    (tmp_path / "as_root.py").write_text(DAG, encoding="utf-8")
    report = mine("dags", "check", tmp_path, "-o", "json", timeout=300).ok().json
    found = [f["message"] for f in report["findings"] if f["rule"] == "operator-pod-privileged"]
    assert len(found) == 1
    assert "user 0, the hostPath /etc" in found[0]


def test_the_namespace_stays_as_it_was_made(mine: Kit) -> None:
    labels = mine.get("namespace", f"kubernetes.io/metadata.name={JOBS}")[0]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "privileged"
