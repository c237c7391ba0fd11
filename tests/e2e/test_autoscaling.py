"""Autoscalers of Celery workers: a HorizontalPodAutoscaler by CPU, and KEDA by a queue, from zero and back.

Both run for real: the metrics server and KEDA are built from their Go modules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.kit import Kit, finish, start_run, states, wait_for
from tests.e2e.scaling import cluster

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1800)]
DAGS = Path(__file__).parent / "scaling_dags"
BATCH = "airflow-celery-batch"
AT_ONCE = {"scaleUp": {"stabilizationWindowSeconds": 0}, "scaleDown": {"stabilizationWindowSeconds": 0}}
VALUES: dict[str, Any] = {
    "executors": ["CeleryExecutor", "KubernetesExecutor"],
    # Two more workers must fit on a node with two cores, beside this release, another one and KEDA.
    "apiServer": {"resources": {"requests": {"cpu": "50m"}}},
    "workers": {
        "celery": {
            "concurrency": 2,
            "terminationGracePeriodSeconds": 300,
            "resources": {"requests": {"cpu": "200m", "memory": "512Mi"}},
            "autoscaling": {"hpa": {"maxReplicas": 2, "targetCpu": 100, "behavior": AT_ONCE}},
            "groups": [
                {
                    "name": "batch",
                    "queues": ["batch"],
                    "serviceAccount": {"annotations": {"example.com/role": "batch"}},
                    "resources": {"requests": {"cpu": "50m", "memory": "512Mi"}},
                    "autoscaling": {
                        "keda": {
                            "maxReplicas": 2,
                            "pollingInterval": 2,
                            "cooldownPeriod": 10,
                            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": AT_ONCE}},
                        }
                    },
                }
            ],
        }
    },
}


@pytest.fixture(scope="module")
def scaled(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A release of which the default group has a HorizontalPodAutoscaler, and another one KEDA."""
    path = tmp_path_factory.mktemp("scaling") / "values.yaml"
    path.write_text(json.dumps(VALUES), encoding="utf-8")
    mine = kit.sibling("scaling", "airflow")
    with cluster.running(mine):
        try:
            mine("up", "--dags", DAGS, "-f", path, "--node-port", "30812", "-o", "json", timeout=1500).ok()
            yield mine
        finally:
            # In any case: a ScaledObject that is left when KEDA goes keeps its definition for ever.
            mine("down", "--volumes", timeout=400).ok()


@pytest.fixture(scope="module")
def its_api(scaled: Kit) -> AirflowApi:
    return scaled.api()


def replicas(kit: Kit, name: str) -> int:
    """Return how many pods a StatefulSet shall have now."""
    return int(kit.kubectl("get", "statefulset", name, "-o", "jsonpath={.spec.replicas}").ok().out)


def test_pods_follow_cpu_and_the_task_ends_in_peace(scaled: Kit, its_api: AirflowApi) -> None:
    wait_for("the CPU of the worker", lambda: cpu(scaled) is not None, timeout=180, pause=2)
    assert replicas(scaled, "airflow-celery") == 1
    run_id = start_run(its_api, "e2e_scaling_cpu", timeout=180)
    wait_for("a second pod", lambda: replicas(scaled, "airflow-celery") == 2, timeout=120, pause=2)
    wait_for("both pods", lambda: ready(scaled, "airflow-celery") == 2, timeout=120, pause=2)
    assert finish(its_api, "e2e_scaling_cpu", run_id, timeout=300) == "success"
    wait_for("one pod again", lambda: replicas(scaled, "airflow-celery") == 1, timeout=240, pause=2)


def cpu(kit: Kit) -> int | None:
    """Return the CPU of the default group that its autoscaler sees, in percent of what the pods request."""
    path = "jsonpath={.status.currentMetrics[0].resource.current.averageUtilization}"
    text = kit.kubectl("get", "hpa", "airflow-celery", "-o", path).ok().out
    return int(text) if text else None


def accounts(kit: Kit) -> dict[str, str]:
    """Return the account of the workers of each group."""
    pods = kit.pods("celery")
    return {p["metadata"]["labels"]["airflow-kit.io/worker-group"]: p["spec"]["serviceAccountName"] for p in pods}


def ready(kit: Kit, name: str) -> int:
    text = kit.kubectl("get", "statefulset", name, "-o", "jsonpath={.status.readyReplicas}").ok().out
    return int(text or 0)


def test_a_queue_wakes_its_workers_and_they_go_again(scaled: Kit, its_api: AirflowApi) -> None:
    wait_for("no pods without tasks", lambda: replicas(scaled, BATCH) == 0, timeout=120, pause=1)
    run_id = start_run(its_api, "e2e_scaling_queue", timeout=180)
    wait_for("two pods for four tasks", lambda: replicas(scaled, BATCH) == 2, timeout=120, pause=0.5)
    wait_for(
        "the account of the group",
        lambda: accounts(scaled) == {"default": "airflow-celery", "batch": BATCH},
        timeout=30,
    )
    assert finish(its_api, "e2e_scaling_queue", run_id, timeout=300) == "success"
    tasks = its_api.task_instances("e2e_scaling_queue", run_id)
    assert {t["hostname"].split(".")[0] for t in tasks} <= {"airflow-celery-batch-0", "airflow-celery-batch-1"}
    assert [t["try_number"] for t in tasks] == [1] * 4, states(its_api, "e2e_scaling_queue", run_id)
    wait_for("no pods again", lambda: replicas(scaled, BATCH) == 0, timeout=120, pause=1)


def test_status_calls_a_group_without_pods_healthy_also_while_pods_still_end(scaled: Kit) -> None:
    report = scaled("status", "-o", "json").ok().json
    assert (report["healthy"], report["components"]["celery"]["wanted"]) == (True, 1)


def test_tasks_of_another_executor_wake_nobody(scaled: Kit, its_api: AirflowApi) -> None:
    run_id = start_run(its_api, "e2e_scaling_other")
    seen = {replicas(scaled, BATCH)}

    def ended() -> bool:
        seen.add(replicas(scaled, BATCH))
        return states(its_api, "e2e_scaling_other", run_id)["wait"] in {"success", "failed"}

    wait_for("the task", ended, timeout=300, pause=1)
    assert states(its_api, "e2e_scaling_other", run_id) == {"wait": "success"}
    assert seen == {0}


def test_a_deploy_leaves_the_number_of_pods_to_the_autoscaler(scaled: Kit, its_api: AirflowApi, tmp_path: Path) -> None:
    run_id = start_run(its_api, "e2e_scaling_queue")
    wait_for("two pods", lambda: replicas(scaled, BATCH) == 2, timeout=120, pause=0.5)
    changed = {"workers": {"celery": {**VALUES["workers"]["celery"], "podAnnotations": {"changed": "yes"}}}}
    values = tmp_path / "values.yaml"
    values.write_text(json.dumps({**VALUES, **changed}), encoding="utf-8")
    scaled("deploy", "-f", values, "--no-wait", timeout=300).ok()
    assert replicas(scaled, BATCH) == 2
    assert finish(its_api, "e2e_scaling_queue", run_id, timeout=400) == "success"
