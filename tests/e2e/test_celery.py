"""Celery workers, their broker and Flower: a killed broker loses no task, and a stopped worker lets its tasks end.

The release stands in a namespace of its own. Its last test takes away the KubernetesExecutor and the claim of the logs.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.kit import ROOT, Done, Kit, finish, log_text, run, start_run, states, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1200)]
DAGS = Path(__file__).parent / "celery_dags"
VALUES: dict[str, Any] = {
    "executors": ["CeleryExecutor", "KubernetesExecutor"],
    "workers": {
        "celery": {
            "replicas": 2,
            "concurrency": 4,
            "terminationGracePeriodSeconds": 300,
            "resources": {"requests": {"memory": "512Mi"}},
        }
    },
    "flower": {"enabled": True, "username": "gardener", "urlPrefix": "/airflow/flower"},
}
TASKS = 32


def up(kit: Kit, folder: Path, values: dict[str, Any], dags: Path = DAGS) -> Done:
    """Bring the release up with these values."""
    path = folder / "values.yaml"
    path.write_text(json.dumps(values), encoding="utf-8")
    return kit("up", "--dags", dags, "-f", path, "--node-port", "30811", "-o", "json", timeout=1500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("celery")


@pytest.fixture(scope="module")
def celery(kit: Kit, folder: Path) -> Iterator[Kit]:
    """A release with both executors."""
    mine = kit.sibling("celery", "airflow")
    up(mine, folder, VALUES).ok()
    yield mine
    mine("down", "--volumes", timeout=400).ok()


@pytest.fixture(scope="module")
def its_api(celery: Kit) -> AirflowApi:
    return celery.api()


def host(api: AirflowApi, dag_id: str, run_id: str, task_id: str) -> str:
    """Return the host that a task named in its log, read as the UI reads it."""
    text = log_text(api, dag_id, run_id, task_id)
    assert "runs on " in text, text
    return text.partition("runs on ")[2].split()[0].rstrip("',\"")


def tries(api: AirflowApi, dag_id: str, run_id: str) -> set[int]:
    return {t["try_number"] for t in api.task_instances(dag_id, run_id)}


def test_one_run_uses_both_executors_and_shows_its_logs(its_api: AirflowApi) -> None:
    run_id = start_run(its_api, "e2e_hybrid", timeout=180)
    assert finish(its_api, "e2e_hybrid", run_id, timeout=300) == "success"
    assert host(its_api, "e2e_hybrid", run_id, "default").startswith("airflow-celery-")
    assert host(its_api, "e2e_hybrid", run_id, "in_a_pod").startswith("e2e-hybrid-in-a-pod-")


def test_status_lists_workers_and_broker(celery: Kit) -> None:
    report = celery("status", "-o", "json").ok().json
    ready = {name: (one["ready"], one["wanted"]) for name, one in report["components"].items()}
    assert (ready["celery"], ready["redis"], ready["flower"]) == ((2, 2), (1, 1), (1, 1))


def flower(celery: Kit) -> httpx.Client:
    """Return a client of Flower that is logged in as `kitctl credentials` says."""
    login = celery("credentials", "-o", "json").ok().json
    url = celery("open", "flower", "--print", "-o", "json").ok().json["url"]
    return httpx.Client(base_url=url, auth=(login["flower_username"], login["flower_password"]), timeout=20)


def shown(page: httpx.Client, run_id: str) -> list[dict[str, Any]]:
    """Return the tasks of a run that Flower shows, of which the workers have told the end."""
    found = page.get("api/tasks").raise_for_status().json().values()
    return [task for task in found if run_id in task["args"] and task["state"] == "SUCCESS"]


def see_workers_and_a_task(celery: Kit, run_id: str) -> None:
    """Look at the workers and at the task of a run as a browser does."""
    with flower(celery) as page:
        (task,) = wait_for("the task in Flower", lambda: shown(page, run_id), timeout=60)
        assert task["worker"].startswith("celery@airflow-celery-")
        workers = wait_for("both workers", lambda: two(page), timeout=60, pause=2)
        assert {*workers} == {"celery@airflow-celery-0", "celery@airflow-celery-1"}
        texts = {
            path: page.get(path) for path in ("", "tasks", "broker", f"task/{task['uuid']}", "api/workers", "api/tasks")
        }
    assert {path: answer.status_code for path, answer in texts.items()} == dict.fromkeys(texts, 200)
    assert 'href="/airflow/flower/tasks"' in texts[""].text
    (secret,) = [s for s in celery.get("secrets", namespace="celery") if s["metadata"]["name"] == "airflow-keys"]
    keys = {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
    for path, answer in texts.items():
        assert not [name for name, value in keys.items() if value in answer.text], path
        assert "eyJ" not in answer.text, f"{path} shows the token of a task"
    told = celery(
        "exec", "flower", "--", "sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' ' '"
    ).ok()
    assert not [name for name, value in keys.items() if value in told.out]


def two(page: httpx.Client) -> dict[str, Any] | None:
    found: dict[str, Any] = page.get("api/workers", params={"refresh": "1"}).raise_for_status().json()
    return found if len(found) == 2 else None


def test_flower_shows_workers_and_tasks_to_who_logs_in(celery: Kit, its_api: AirflowApi) -> None:
    with flower(celery) as page:
        assert page.base_url.path == "/airflow/flower/"
        assert [httpx.get(page.base_url.join(path)).status_code for path in ("", "tasks", "api/workers")] == [401] * 3
        assert httpx.get(page.base_url, auth=("gardener", "gardener")).status_code == 401
        assert httpx.get(page.base_url.join("healthcheck")).text == "OK"
        assert httpx.get(str(page.base_url).rstrip("/")).headers["location"] == "/airflow/flower/"
    run_id = start_run(its_api, "e2e_hybrid")
    assert finish(its_api, "e2e_hybrid", run_id, timeout=300) == "success"
    see_workers_and_a_task(celery, run_id)
    assert "gardener" in celery("credentials").ok().out
    assert "Visit me at" in celery("logs", "flower").ok().out


def kill_under_load(celery: Kit, api: AirflowApi, broker: str) -> None:
    """Kill a broker twice while tasks run and wait; each of them must run, and run once."""
    dag_id = "e2e_celery_many"
    run_id = start_run(api, dag_id)

    def done() -> int:
        return list(states(api, dag_id, run_id).values()).count("success")

    for seen in (2, 12):
        wait_for(f"{seen} tasks to end", lambda least=seen: done() >= least, timeout=300)
        assert done() < TASKS
        celery.kubectl("delete", "pod", broker, "--force", "--grace-period=0").ok()
    assert finish(api, dag_id, run_id, timeout=900) == "success"
    assert done() == TASKS
    assert tries(api, dag_id, run_id) == {1}
    name = f"/opt/airflow/logs/count-{run_id.replace(':', '-').replace('+', '-')}.txt"
    lines = celery("exec", "api-server", "--", "cat", name).ok().out.split()
    assert sorted(map(int, lines)) == list(range(TASKS))


def test_a_broker_that_is_killed_loses_no_task_and_doubles_none(celery: Kit, its_api: AirflowApi) -> None:
    kill_under_load(celery, its_api, "airflow-redis-0")


def test_a_worker_that_is_stopped_lets_its_task_end(celery: Kit, its_api: AirflowApi) -> None:
    dag_id = "e2e_celery_patient"
    run_id = start_run(its_api, dag_id)
    wait_for("the task to run", lambda: states(its_api, dag_id, run_id).get("wait") == "running", timeout=120)
    name = wait_for("its log", lambda: "runs on " in log_text(its_api, dag_id, run_id, "wait"), timeout=60) and host(
        its_api, dag_id, run_id, "wait"
    )
    before = celery.get("pods", namespace="celery")
    (uid,) = [p["metadata"]["uid"] for p in before if p["metadata"]["name"] == name]
    celery.kubectl("delete", "pod", name, "--wait=false").ok()
    assert finish(its_api, dag_id, run_id, timeout=200) == "success"
    assert tries(its_api, dag_id, run_id) == {1}
    assert "came to its end" in log_text(its_api, dag_id, run_id, "wait")

    def replaced() -> bool:
        found = {p["metadata"]["name"]: p for p in celery.pods("celery")}
        statuses = found.get(name, {}).get("status", {}).get("containerStatuses", [{}])
        return name in found and found[name]["metadata"]["uid"] != uid and bool(statuses[0].get("ready"))

    wait_for("a new worker of the same name", replaced, timeout=240, pause=2)


def test_scaled_to_zero_tasks_wait_and_back_they_run(celery: Kit, its_api: AirflowApi, folder: Path) -> None:
    report = celery("scale", "--workers", "0", "-o", "json", timeout=400).ok().json
    assert report["scaled"] == [{"component": "celery", "group": "", "before": 2, "replicas": 0}]
    assert celery.pods("celery") == []
    run_id = start_run(its_api, "e2e_celery", timeout=240)
    wait_for("the task to be queued", lambda: "queued" in states(its_api, "e2e_celery", run_id).values(), timeout=120)
    celery("scale", "--workers", "1", timeout=400).ok()
    assert finish(its_api, "e2e_celery", run_id, timeout=200) == "success"
    told = up(celery, folder, VALUES).ok()
    assert "keeping workers.celery.replicas=1" in told.err
    assert len(celery.pods("celery")) == 1
    words = ["make", "scale", "WORKERS=2", f"NAMESPACE={celery.namespace}", f"CONTEXT={celery.context}"]
    run(words, timeout=400, env=celery.environment(), cwd=ROOT).ok()
    assert len(celery.pods("celery")) == 2


def test_scale_refuses_what_the_release_does_not_have(celery: Kit) -> None:
    for words, code, error in (
        (("--workers", "-1"), 2, "usage"),
        (("--workers", "many"), 2, "usage"),
        (("--workers", "1", "--group", "big"), 3, "scale-group-unknown"),
        (("--workers", "1", "--release", "none"), 6, "release-missing"),
    ):
        done = celery("scale", *words, "-o", "json")
        assert (done.code, done.error["id"]) == (code, error)


def external_broker(celery: Kit, password: str) -> str:
    """Run a Valkey outside of the release, with the image that the node has; return its host."""
    (container,) = celery.pods("redis")[0]["spec"]["containers"]
    labels = {"app": "outside"}
    main = {"name": "server", "image": container["image"], "args": ["valkey-server", "--requirepass", password]}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{**main, "imagePullPolicy": "IfNotPresent"}]}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "outside"}}
    deployment |= {"spec": {"selector": {"matchLabels": labels}, "template": pod}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "outside"}}
    service |= {"spec": {"selector": labels, "ports": [{"port": 6379}]}}
    items = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "outside"}}, deployment, service]
    for item in items:
        celery.kubectl("apply", "-f", "-", namespace="outside", text=json.dumps(item)).ok()
    celery.kubectl("rollout", "status", "deployment/outside", "--timeout=90s", namespace="outside", timeout=100).ok()
    return "outside.outside.svc.cluster.local"


def test_an_external_broker_is_asked_from_inside_before_anything_changes(
    celery: Kit, its_api: AirflowApi, folder: Path
) -> None:
    password = "p@ss w/rd%"
    host_name = external_broker(celery, password)
    login = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "outside"}, "stringData": {"password": "wrong"}}
    external = {"host": host_name, "passwordSecret": {"name": "outside", "key": "password"}}
    values: dict[str, Any] = {**VALUES, "broker": {"kind": "external", "external": external}}
    before = celery.helm("history", celery.release, "-o", "json").ok().json

    def refused(**more: Any) -> str:
        done = up(celery, folder, {**values, "broker": {"kind": "external", "external": external | more}})
        assert done.code == 3, done.err
        return str(done.error["id"])

    assert refused() == "broker-secret-incomplete"
    celery.kubectl("apply", "-f", "-", text=json.dumps(login)).ok()
    assert refused() == "broker-login-refused"
    asked = celery("doctor", "-f", folder / "values.yaml", "-o", "json", timeout=300)
    (told_of,) = [check for check in asked.json["checks"] if check["id"] == "broker"]
    assert (asked.code, told_of["error"]) == (3, "broker-login-refused"), told_of
    assert refused(host="nobody.outside.svc.cluster.local") == "broker-host-unknown"
    assert refused(port=6380) == "broker-unreachable"
    assert refused(tls=True) == "broker-without-tls"
    assert celery.helm("history", celery.release, "-o", "json").ok().json == before
    assert celery.get("pods", "app.kubernetes.io/component=broker-check", namespace=celery.namespace) == []
    login["stringData"] = {"password": password}
    celery.kubectl("apply", "-f", "-", text=json.dumps(login)).ok()
    told = up(celery, folder, values).ok()
    assert f"the broker redis://{host_name}:6379/0 can be used" in told.err
    run_id = start_run(its_api, "e2e_celery", timeout=240)
    assert finish(its_api, "e2e_celery", run_id, timeout=200) == "success"
    celery.kubectl("delete", "namespace", "outside", "--wait=false", namespace="default").ok()


def test_rabbitmq_takes_the_place_of_the_broker_and_loses_no_task_either(
    celery: Kit, its_api: AirflowApi, folder: Path
) -> None:
    up(celery, folder, {**VALUES, "broker": {"kind": "rabbitmq"}})
    run_id = start_run(its_api, "e2e_hybrid", timeout=240)
    assert finish(its_api, "e2e_hybrid", run_id, timeout=300) == "success"
    assert host(its_api, "e2e_hybrid", run_id, "default").startswith("airflow-celery-")
    components = celery("status", "-o", "json").ok().json["components"]
    assert (components["rabbitmq"]["ready"], "redis" in components) == (1, False)
    see_workers_and_a_task(celery, run_id)
    kill_under_load(celery, its_api, "airflow-rabbitmq-0")


def test_celery_alone_has_no_launcher_and_serves_logs_itself(celery: Kit, its_api: AirflowApi, folder: Path) -> None:
    alone = {**VALUES, "executors": ["CeleryExecutor"], "logs": {"persistence": {"enabled": False}}}
    refused = up(celery, folder, alone)
    assert (refused.code, refused.error["id"]) == (3, "dag-import-failed")
    assert "specifies executor 'KubernetesExecutor'" in refused.error["cause"]
    fitting = folder / "dags"
    fitting.mkdir()
    shutil.copy(DAGS / "e2e_celery.py", fitting)
    up(celery, folder, alone, fitting).ok()
    run_id = start_run(its_api, "e2e_celery", timeout=240)
    assert finish(its_api, "e2e_celery", run_id, timeout=200) == "success"
    assert host(its_api, "e2e_celery", run_id, "where").startswith("airflow-celery-")
    names = {o["metadata"]["name"] for kind in ("role", "configmap") for o in celery.get(kind)}
    assert not names & {"airflow-scheduler", "airflow-pod-templates"}
    scheduler = celery.pods("scheduler")[0]
    assert scheduler["spec"]["automountServiceAccountToken"] is False
