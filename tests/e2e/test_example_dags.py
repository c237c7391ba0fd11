"""Each example DAG runs with its expected outcome, on a release in mode pvc, with the images that they ask for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from kitctl.model.versions import data_dir
from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.git import images
from tests.e2e.kit import CLUSTER, ROOT, Kit, finish, log_text, start_run, states, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]

OTHER_NAMESPACE = "e2e-jobs"
VALUES = """
apiServer: {{resources: {{requests: {{cpu: 50m}}}}}}
scheduler: {{resources: {{requests: {{cpu: 50m}}}}}}
dagProcessor: {{resources: {{requests: {{cpu: 50m}}}}}}
triggerer: {{resources: {{requests: {{cpu: 50m}}}}}}
postgres: {{resources: {{requests: {{cpu: 50m}}}}, storage: {{size: 1Gi}}}}
logs: {{persistence: {{size: 1Gi}}}}
workers:
  podOperatorRights: true
  allowExec: true
  resources: {{requests: {{cpu: 50m, memory: 200Mi}}}}
  profiles: {{big: {{containers: [{{resources: {{requests: {{cpu: 60m, memory: 220Mi}}}}}}]}}}}
dags: {{mode: pvc, refreshSeconds: 5, specialImage: "{special}"}}
env:
  - {{name: EXAMPLE_AIRFLOW_IMAGE, value: "{airflow}"}}
  - {{name: EXAMPLE_PROFILE, value: big}}
"""

GREEN = [
    "example_pod_override",
    "example_sidecar",
    "example_volumes",
    "example_deferrable",
    "example_dynamic_mapping",
    "example_pod_operator_secret",
    "example_pod_operator_xcom",
]


@pytest.fixture(scope="module")
def airflow() -> str:
    """The kit's own Airflow image."""
    from kitctl.images import recipes  # noqa: PLC0415

    return recipes.ensure_airflow_image(images.say)


@pytest.fixture(scope="module")
def examples(kit: Kit, airflow: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A release with the example DAGs in its claim."""
    special = kit("image", "build", "--example", "zip", timeout=300).ok().out.strip()
    odd = images.no_python()
    images.load(CLUSTER, special, odd)
    values = tmp_path_factory.mktemp("values") / "values.yaml"
    values.write_text(VALUES.format(airflow=airflow, special=special))
    mine = kit.sibling("e2e-examples", "examples")
    mine.env = {**kit.env, "KITCTL_VALUES": str(values), "KITCTL_NODE_PORT": "30818"}
    mine("up", "--no-smoke", timeout=600).ok()
    secret = ["create", "secret", "generic", "example-secret", "--from-literal=token=s3cret"]
    mine.kubectl(*secret).ok()
    variable(mine.api(), "example_no_python_image", odd)
    done = mine("dags", "push", data_dir("dags"), "-o", "json", timeout=400).ok().json
    assert set(GREEN) <= set(done["dags"])
    yield mine
    mine("down", "--volumes", timeout=240)
    for namespace in (mine.namespace, OTHER_NAMESPACE):
        mine.kubectl("delete", "namespace", namespace, "--timeout=90s", namespace="default", timeout=120)


@pytest.fixture(scope="module")
def api(examples: Kit) -> AirflowApi:
    return examples.api()


def variable(api: AirflowApi, key: str, value: str) -> None:
    api.call("POST", "/api/v2/variables", json={"key": key, "value": value})


def run(api: AirflowApi, dag_id: str, timeout: float = 300) -> tuple[str, str]:
    run_id = start_run(api, dag_id)
    return finish(api, dag_id, run_id, timeout=timeout), run_id


def test_the_check_in_the_image_finds_nothing(kit: Kit, airflow: str) -> None:
    report = kit("dags", "check", data_dir("dags"), "--image", airflow, "-o", "json", timeout=300).ok().json
    assert report["findings"] == []
    assert {"example_kubernetes_executor", *GREEN} <= {d["dag_id"] for d in report["dags"]}


@pytest.mark.parametrize("page", ["minikube", "kind", "node"])
def test_what_a_quickstart_does_with_a_release_works(examples: Kit, page: str) -> None:
    """Other tests install, open and remove releases as these pages do, on clusters that this machine can have."""
    lines = (ROOT / "docs/quickstart" / f"{page}.md").read_text().splitlines()
    calls = [line.split("  #")[0] for line in lines if re.match(r"kitctl (run|status|logs)\b", line)]
    assert {"kitctl status", "kitctl run example_dynamic_mapping --unpause"} <= {call.strip() for call in calls}
    for call in calls:
        examples(*shlex.split(call)[1:], timeout=400).ok()


@pytest.mark.parametrize("dag_id", GREEN)
def test_it_runs_green(api: AirflowApi, dag_id: str) -> None:
    state, run_id = run(api, dag_id)
    assert state == "success", states(api, dag_id, run_id)


def test_the_tour_of_the_kubernetes_executor_runs_in_its_images(api: AirflowApi) -> None:
    dag_id = "example_kubernetes_executor"
    state, run_id = run(api, dag_id)
    found = states(api, dag_id, run_id)
    assert state == "success", found
    assert set(found.values()) == {"success"}, found
    assert value(api, dag_id, run_id, "special_image") == "/usr/bin/zip"
    limit = value(api, dag_id, run_id, "requests_and_limits")["memory_limit"]
    assert int(limit) == 600 * 1024**2


def test_the_profile_shapes_the_pod(api: AirflowApi, examples: Kit) -> None:
    dag_id = "example_pod_template"
    run_id = start_run(api, dag_id)

    def pod() -> list[dict[str, object]]:
        return examples.get("pods", f"dag_id={dag_id}")

    (found,) = wait_for("the worker pod", pod, timeout=120, pause=0.2)
    requests = found["spec"]["containers"][0]["resources"]["requests"]  # type: ignore[index]
    assert requests == {"cpu": "60m", "memory": "220Mi"}
    assert finish(api, dag_id, run_id, timeout=300) == "success"


def test_of_the_pod_operator_one_passes_and_one_fails_and_the_ui_has_both_logs(api: AirflowApi) -> None:
    dag_id = "example_pod_operator"
    state, run_id = run(api, dag_id)
    assert (state, states(api, dag_id, run_id)) == ("failed", {"passing_task": "success", "failing_task": "failed"})
    assert "hello from 3." in log_text(api, dag_id, run_id, "passing_task")
    assert "python3" in log_text(api, dag_id, run_id, "failing_task")


def test_run_follows_a_run_and_ends_as_the_run_does(examples: Kit) -> None:
    green = examples("run", "example_dynamic_mapping", "--conf", '{"count": 2}', "-o", "json", timeout=400).ok()
    assert green.json["state"] == "success"
    assert {task["state"] for task in green.json["tasks"]} == {"success"}
    assert sorted(task["map_index"] for task in green.json["tasks"] if task["map_index"] >= 0) == [0, 1]
    assert f"run {green.json['run']}: running" in green.err
    red = examples("run", "example_pod_operator", "-o", "json", timeout=400)
    assert (red.code, red.error["id"]) == (1, "run-failed")
    assert "failing_task failed" in red.error["cause"]
    assert "python3" in red.error["cause"]


def test_a_pod_runs_in_another_namespace(api: AirflowApi, examples: Kit) -> None:
    mine = examples
    mine.kubectl("create", "namespace", OTHER_NAMESPACE, namespace="default")
    verbs = "--verb=create,get,list,watch,patch,delete"
    role = ["create", "role", "airflow-pods", verbs, "--resource=pods,pods/log,events"]
    mine.kubectl(*role, namespace=OTHER_NAMESPACE).ok()
    account = f"--serviceaccount={mine.namespace}:{mine.release}-airflow-worker"
    bind = ["create", "rolebinding", "airflow-pods", "--role=airflow-pods", account]
    mine.kubectl(*bind, namespace=OTHER_NAMESPACE).ok()
    variable(api, "example_namespace", OTHER_NAMESPACE)
    state, run_id = run(api, "example_other_namespace")
    assert state == "success"
    assert f"I run in {OTHER_NAMESPACE}" in log_text(api, "example_other_namespace", run_id, "elsewhere")


def value(api: AirflowApi, dag_id: str, run_id: str, task: str) -> object:
    path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task}/xcomEntries/return_value"
    return api.get(path, params={"deserialize": True})["value"]
