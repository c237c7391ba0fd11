"""The main job: `kitctl up` ends with a release that runs DAGs, keeps its contracts, and comes back after `down`."""

from __future__ import annotations

from typing import Any

import httpx

from kitctl.model.versions import pin
from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.conftest import Session
from tests.e2e.kit import CLUSTER, DAGS, Done, Kit, finish, log_text, start_run, states, wait_for

COMPONENTS = {"api-server", "scheduler", "dag-processor", "triggerer", "postgres"}
ITEMS = 4


def uids(kit: Kit) -> dict[str, str]:
    """Return the uid of every pod of the release by its name; those of tasks and CronJobs come and go by themselves."""
    return {pod["metadata"]["name"]: uid for uid, pod in kit.at_rest().items()}


def keys(kit: Kit) -> dict[str, str]:
    """Return the keys Secret as Kubernetes holds it."""
    return dict(kit.kubectl("get", "secret", f"{kit.release}-keys", "-o", "json").ok().json["data"])


def claims(kit: Kit) -> dict[str, str]:
    """Return the uid of every claim of the namespace."""
    return {c["metadata"]["name"]: c["metadata"]["uid"] for c in kit.get("pvc")}


def test_cluster_create_tells_what_it_made(session_cluster: Session) -> None:
    report = session_cluster.created.json
    assert {key: report[key] for key in ("cluster", "provider", "context", "running")} == {
        "cluster": CLUSTER,
        "provider": "node",
        "context": CLUSTER,
        "running": True,
    }


def test_the_cluster_is_upstream_kubernetes_with_dns_and_storage(kit: Kit) -> None:
    version = kit.kubectl("version", "-o", "json").ok().json["serverVersion"]["gitVersion"]
    assert version == f"v{pin('kubernetes.version')}"
    assert [n["metadata"]["name"] for n in kit.get("nodes")]
    default = [
        c
        for c in kit.get("storageclasses")
        if c["metadata"]["annotations"].get("storageclass.kubernetes.io/is-default-class") == "true"
    ]
    assert len(default) == 1
    assert kit.get("pods", "k8s-app=kube-dns", namespace="kube-system")


def test_up_ends_with_0_after_a_green_smoke_run(first_up: Done, session_cluster: Session) -> None:
    report = first_up.ok().json
    assert {"url", "username", "password", "release", "namespace", "context", "smoke"} <= set(report)
    # A release of an earlier session (KITCTL_E2E_KEEP) has proved itself already.
    assert report["smoke"] == "success" or (not session_cluster.made_here and report["smoke"] == "was green before")
    assert (report["release"], report["namespace"], report["context"]) == ("airflow", "airflow", CLUSTER)


def test_up_shows_its_steps_and_no_secret(first_up: Done, release: Kit) -> None:
    password = release("credentials", "-o", "json").ok().json["password"]
    assert "Health" in first_up.err
    assert password not in first_up.err + first_up.out
    assert first_up.json["password"] is None


def test_credentials_tell_how_to_log_in_and_the_address_answers(release: Kit) -> None:
    found = release("credentials", "-o", "json").ok().json
    assert set(found) == {"url", "auth_manager", "log_in", "username", "password"}
    assert (found["auth_manager"], found["log_in"]) == ("fab", "with a name and a password")
    answer = httpx.get(f"{found['url'].rstrip('/')}/api/v2/version", timeout=10)
    assert answer.json()["version"] == pin("airflow.version")


def test_status_keeps_its_contract(release: Kit) -> None:
    report = release("status", "-o", "json").ok().json
    assert report["healthy"] is True
    told = {key: report[key] for key in ("context", "namespace", "release", "airflow_version", "executors", "dag_mode")}
    assert told == {
        "context": CLUSTER,
        "namespace": "airflow",
        "release": "airflow",
        "airflow_version": pin("airflow.version"),
        "executors": ["KubernetesExecutor"],
        "dag_mode": "image",
    }
    assert set(report["components"]) == COMPONENTS
    for name, component in report["components"].items():
        assert component["ready"] == component["wanted"] == 1, name
        assert isinstance(component["restarts"], int), name
    assert report["import_errors"] == []
    assert isinstance(report["task_pods"], list)


def test_every_part_reports_a_heartbeat(api: AirflowApi) -> None:
    assert {name: part["status"] for name, part in api.health().items()} == dict.fromkeys(
        ("metadatabase", "scheduler", "triggerer", "dag_processor"), "healthy"
    )


def test_a_command_runs_inside_a_component(release: Kit) -> None:
    assert release("exec", "scheduler", "--", "airflow", "version").ok().out.strip() == pin("airflow.version")


def test_a_fan_out_runs_one_pod_per_task_and_its_logs_outlive_the_pods(release: Kit, api: AirflowApi) -> None:
    run_id = start_run(api, "e2e_fan_out", {"count": ITEMS})
    assert finish(api, "e2e_fan_out", run_id, timeout=240) == "success", states(api, "e2e_fan_out", run_id)
    tasks = api.task_instances("e2e_fan_out", run_id)
    assert len(tasks) == ITEMS + 2
    assert len({t["hostname"] for t in tasks}) == ITEMS + 2, "two tasks shared a pod"
    assert {t["try_number"] for t in tasks} == {1}

    def gone() -> bool:
        return not {p["metadata"]["name"] for p in release.pods("worker")} & {t["hostname"] for t in tasks}

    wait_for("the worker pods to be deleted", gone, timeout=60)
    total = log_text(api, "e2e_fan_out", run_id, "total")
    assert f"e2e-total={sum(n * n for n in range(ITEMS))}" in total
    assert [f for f in (".cache", ".config") if f"e2e-home=/home/airflow/{f}/e2e/file.txt: kept" not in total] == []
    assert "square of 3 is 9" in log_text(api, "e2e_fan_out", run_id, "square", index=3)
    told = release("logs", "--dag", "e2e_fan_out", "--task", "total", "--run", run_id).ok().out
    assert "e2e-total=14" in told


def test_a_failing_task_fails_and_its_log_says_why(api: AirflowApi) -> None:
    run_id = start_run(api, "e2e_fail")
    assert finish(api, "e2e_fail", run_id, timeout=120) == "failed"
    assert "e2e-reason" in log_text(api, "e2e_fail", run_id, "broken")


def test_worker_pods_hold_no_secret_and_no_token(release: Kit, api: AirflowApi) -> None:
    run_id = start_run(api, "e2e_long", {"seconds": 6})

    def one() -> Any:
        return release.pods("worker")

    pod = wait_for("a worker pod", one, timeout=60, pause=0.2)[0]
    assert pod["spec"]["automountServiceAccountToken"] is False
    volumes = pod["spec"]["volumes"]
    assert not [v["name"] for v in volumes if "secret" in v or "projected" in v]
    names = {e["name"] for c in pod["spec"]["containers"] for e in c["env"]}
    assert not [n for n in names if "SQL_ALCHEMY" in n or "FERNET" in n or "JWT" in n]
    assert finish(api, "e2e_long", run_id, timeout=120) == "success"


def test_a_second_up_changes_nothing(release: Kit) -> None:
    before = uids(release), keys(release), claims(release)
    revision = release.helm("status", release.release, "-o", "json").ok().json["version"]
    done = release("up", "--dags", DAGS, "-o", "json", timeout=300).ok()
    assert done.json["changed"] is False
    assert (uids(release), keys(release), claims(release)) == before
    assert release.helm("status", release.release, "-o", "json").ok().json["version"] == revision


def test_a_dry_run_changes_nothing_and_says_what_it_would_do(release: Kit) -> None:
    before = uids(release), keys(release)
    would = release("up", "--dry-run", "--set", "scheduler.numRuns=7", "-o", "json", timeout=120).ok().json["would"]
    assert [line for line in would if "scheduler" in line], would
    # Without --dags: the image that --dags made stays.
    assert release("up", "--dry-run", "-o", "json", timeout=120).ok().json["would"] == []
    assert (uids(release), keys(release)) == before


def test_down_keeps_the_data_and_up_finds_it_again(release: Kit, api: AirflowApi) -> None:
    run_id = start_run(api, "e2e_fail")
    assert finish(api, "e2e_fail", run_id, timeout=120) == "failed"
    secret, volumes = keys(release), claims(release)
    report = release("down", "-o", "json", timeout=180).ok().json
    assert report["removed"] == ["release airflow"]
    assert release.pods() == []
    assert (keys(release), claims(release)) == (secret, volumes)
    release("up", "--dags", DAGS, "--no-smoke", "-o", "json", timeout=600).ok()
    assert (keys(release), claims(release)) == (secret, volumes)
    again = release.api()
    assert again.run("e2e_fail", run_id)["state"] == "failed"
    assert "e2e-reason" in log_text(again, "e2e_fail", run_id, "broken")
