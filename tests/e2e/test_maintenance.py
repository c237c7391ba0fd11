"""The CronJobs that delete what is old, started by hand on a release that runs: the old goes, the young stays."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.kit import DAGS, Kit, finish, start_run, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]
LOGS = "/opt/airflow/logs"
OLD, YOUNG = (f"{LOGS}/dag_id=gone/run_id={age}/task_id=t/attempt=1.log" for age in ("old", "young"))
DAG = "kit_smoke"
PSQL = ("exec", "airflow-postgres-0", "--", "psql", "-h", "/var/run/postgresql", "-U", "airflow", "-d", "airflow", "-c")


@pytest.fixture(scope="module")
def ready(release: Kit) -> Kit:
    """The release, with the shortest time after which left-over pods go."""
    release(
        *("up", "--dags", DAGS, "--dag-mode", "image", "--no-smoke", "--set", "workers.cleanup.minAgeMinutes=1"),
        timeout=600,
    ).ok()
    return release


def run_now(kit: Kit, component: str, run: str = "now") -> str:
    """Start a CronJob by hand, wait for its end, and return the log that `kitctl logs` shows."""
    name = f"airflow-{component}-{run}"
    kit.kubectl("create", "job", f"--from=cronjob/airflow-{component}", name).ok()
    kit.kubectl("wait", "--for=condition=Complete", f"job/{name}", "--timeout=300s", timeout=330).ok()
    return kit("logs", component).ok().out


def shell(kit: Kit, component: str, words: str) -> str:
    return kit("exec", component, "--", "sh", "-c", words).ok().out


def state(kit: Kit, component: str) -> dict[str, Any]:
    return next(one for one in kit("status", "-o", "json").json["cron_jobs"] if one["component"] == component)


def test_before_the_first_run_status_says_when_each_is_due(ready: Kit) -> None:
    found = {one["component"]: one for one in ready("status", "-o", "json").ok().json["cron_jobs"]}
    assert set(found) == {"clean-db", "clean-logs", "clean-pods"}
    for one in found.values():
        assert datetime.fromisoformat(one["next_run"]) > datetime.now(UTC) - timedelta(minutes=1)
        assert one["suspended"] is False


def test_old_logs_go(ready: Kit) -> None:
    for path, when in ((OLD, "400 days ago"), (YOUNG, "2 days ago")):
        shell(ready, "api-server", f'mkdir -p $(dirname {path}) && echo text > {path} && touch -d "{when}" {path}')
    said = run_now(ready, "clean-logs")
    assert "deleted 1 files" in said
    assert "of 1 DAG runs" in said
    left = shell(ready, "api-server", f"find {LOGS}/dag_id=gone -name '*.log'").split()
    assert left == [YOUNG]
    assert state(ready, "clean-logs")["result"] == "succeeded"


def test_old_runs_go(ready: Kit, api: AirflowApi) -> None:
    old, young = start_run(api, DAG), start_run(api, DAG)
    for run_id in (old, young):
        assert finish(api, DAG, run_id, timeout=300) == "success"
    ago = "start_date = start_date - interval '400 days'"
    for table in ("task_instance", "dag_run"):
        words = f"UPDATE {table} SET {ago} WHERE run_id = '{old}'"  # noqa: S608 - an id that Airflow made
        ready.kubectl(*PSQL, words).ok()
    said = run_now(ready, "clean-db")
    assert "Checking table dag_run" in said
    assert api.find_run(DAG, young)
    assert api.find_run(DAG, old) is None
    assert state(ready, "clean-db")["result"] == "succeeded"


def pod(name: str, image: str, words: str, **labels: str) -> dict[str, Any]:
    """Return a pod as a worker pod that nobody looks after."""
    meta = {"app.kubernetes.io/name": "airflow", "app.kubernetes.io/instance": "airflow"}
    meta |= {"app.kubernetes.io/component": "worker", "kubernetes_executor": "True"}
    # The scheduler of the release leaves these alone.
    meta |= {"airflow_executor_done": "True", **labels}
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True}
    security |= {"runAsUser": 50000, "seccompProfile": {"type": "RuntimeDefault"}}
    base = {"name": "base", "image": image, "command": ["sh", "-c", words], "securityContext": security}
    base["imagePullPolicy"] = "IfNotPresent"
    spec = {"restartPolicy": "Never", "containers": [base], "terminationGracePeriodSeconds": 1}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": meta}, "spec": spec}


def test_left_over_pods_go(ready: Kit) -> None:
    image = ready.pods("scheduler")[0]["spec"]["containers"][0]["image"]
    pods = [
        pod("e2e-orphan", image, "true"),
        pod("e2e-failed", image, "exit 3"),
        pod("e2e-running", image, "sleep 900"),
        pod("e2e-operator", image, "true", kubernetes_pod_operator="True"),
        pod("e2e-of-another", image, "true", **{"app.kubernetes.io/instance": "other"}),
    ]
    ready.kubectl("apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": pods})).ok()
    names = [one["metadata"]["name"] for one in pods]
    try:

        def all_ended_a_minute_ago() -> bool:
            found = {p["metadata"]["name"]: p["status"] for p in ready.get("pods", "kubernetes_executor=True")}
            ended = [
                datetime.fromisoformat(container["state"]["terminated"]["finishedAt"])
                for name in names
                if name != "e2e-running"
                for container in found[name].get("containerStatuses", [])
                if "terminated" in container["state"]
            ]
            runs = found["e2e-running"]["phase"] == "Running"
            return runs and len(ended) == len(names) - 1 and datetime.now(UTC) - max(ended) > timedelta(seconds=65)

        wait_for("pods that ended a minute ago", all_ended_a_minute_ago, timeout=300, pause=2)
        said = run_now(ready, "clean-pods")
        assert "deleted e2e-orphan: Succeeded" in said
        assert "deleted e2e-failed: Failed" in said
        left = {p["metadata"]["name"] for p in ready.get("pods", "kubernetes_executor=True")}
        assert left & set(names) == {"e2e-running", "e2e-operator", "e2e-of-another"}
        assert state(ready, "clean-pods")["result"] == "succeeded"
    finally:
        ready.kubectl("delete", "pod", "--ignore-not-found", *names, timeout=120)


def test_a_failed_run_is_a_warning_with_its_log(ready: Kit) -> None:
    create = ("create", "job", "--from=cronjob/airflow-clean-logs", "airflow-clean-logs-bad", "--dry-run=client")
    job = ready.kubectl(*create, "-o", "json").ok().json
    job["spec"]["backoffLimit"] = 0
    job["spec"]["template"]["spec"]["containers"][0]["command"][-1] = "1 GB"
    ready.kubectl("create", "-f", "-", text=json.dumps(job)).ok()
    ready.kubectl("wait", "--for=condition=Failed", "job/airflow-clean-logs-bad", "--timeout=200s", timeout=230).ok()
    report = ready("status", "-o", "json").ok().json  # exit code 0: the release is healthy
    assert report["healthy"] is True
    (warning,) = [line for line in report["problems"] if line.startswith("clean-logs: its last run failed")]
    assert warning.endswith("kitctl logs clean-logs")
    assert "invalid int value: '1 GB'" in ready("logs", "clean-logs").ok().out
    ready.kubectl("delete", "job", "airflow-clean-logs-bad").ok()
    assert "clean-logs" in ready("status").ok().out
