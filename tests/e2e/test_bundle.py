"""A support archive of a release that runs: complete, and without any value of a Secret."""

from __future__ import annotations

import base64
import os
import signal
import stat
import tarfile
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from kitctl.errors import ExitCode
from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.kit import CLUSTER, Kit, finish, start_run, wait_for
from tests.e2e.test_bad_input import told

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(600), pytest.mark.usefixtures("main_job")]


def values(kit: Kit) -> dict[str, str]:
    """Return the values of all Secrets of the namespace but Helm's own, by Secret and key."""
    found = {}
    for item in kit.get("secrets"):
        if not item["type"].startswith("helm.sh"):
            for key, text in (item.get("data") or {}).items():
                found[f"{item['metadata']['name']} {key}"] = base64.b64decode(text).decode()
    assert found["airflow-keys admin-password"]
    return found


def texts(file: Path) -> dict[str, str]:
    """Return the files of an archive by their names below its folder."""
    with tarfile.open(file) as tar:
        members = [(member, tar.extractfile(member)) for member in tar.getmembers()]
        return {member.name.partition("/")[2]: body.read().decode() for member, body in members if body}


def forms(value: str) -> set[str]:
    return {value, quote(value, safe=""), base64.b64encode(value.encode()).decode()}


def test_no_value_of_a_secret_is_in_it_wherever_it_was_printed(release: Kit, api: AirflowApi, tmp_path: Path) -> None:
    secrets = values(release)
    planted = "\n".join(f"planted {form}" for value in secrets.values() for form in forms(value))
    (pod,) = release.pods("scheduler")
    shell = ("exec", "-i", pod["metadata"]["name"], "-c", "scheduler", "--", "sh", "-c", "cat > /proc/1/fd/1")
    release.kubectl(*shell, text=f"{planted}\n").ok()
    run_id = start_run(api, "e2e_say", {"words": f"<{secrets['airflow-keys jwt-secret']}>"})
    assert finish(api, "e2e_say", run_id, timeout=180) == "failed"

    file = tmp_path / "support.tar.gz"
    report = release("logs", "--bundle", file, "-o", "json", timeout=400).ok().json
    found = texts(file)
    left = [(name, key) for name, text in found.items() for key, v in secrets.items() for f in forms(v) if f in text]
    assert left == []
    log = found[f"logs/{release.namespace}/{pod['metadata']['name']}/scheduler.log"]
    assert log.count("planted ***") == planted.count("planted ")
    (of_task,) = [text for name, text in found.items() if name.startswith("task-logs/e2e_say/")]
    assert "e2e-said: <***>" in of_task
    assert "e2e-reason" in of_task

    assert report["missing"] == []
    assert report["not_hidden"] == []
    assert report["bytes"] == file.stat().st_size < 10 * 1024**2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert yaml.safe_load(found["status.yaml"])["healthy"] is True
    checks = {check["id"]: check["status"] for check in yaml.safe_load(found["doctor.yaml"])["checks"]}
    assert checks["rights"] == "ok"
    assert "executor = KubernetesExecutor" in found["airflow-cfg/airflow-scheduler.cfg"]
    assert "Node:" in found[f"describe/{release.namespace}.txt"]
    kinds = {name.split("/")[1] for name in found if name.startswith("objects/")}
    assert {"deployment", "statefulset", "service", "secret", "configmap", "pod"} <= kinds


def test_a_file_that_exists_is_not_replaced(release: Kit, tmp_path: Path) -> None:
    file = tmp_path / "mine.tar.gz"
    file.write_text("mine")
    told(release("logs", "--bundle", file, "-o", "json"), "bundle-exists", ExitCode.USAGE, (str(file),))
    assert file.read_text() == "mine"


def test_ctrl_c_in_the_middle_leaves_nothing(release: Kit, tmp_path: Path) -> None:
    log = tmp_path / "log"
    (tmp_path / "out").mkdir()
    process = release.start("logs", "--bundle", tmp_path / "out" / "a.tar.gz", log=log)
    try:
        wait_for("the logs to be read", lambda: process.poll() is not None or "- Logs" in log.read_text(), timeout=120)
        assert process.poll() is None, log.read_text()
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == ExitCode.INTERRUPTED, log.read_text()
    finally:
        process.kill()
    assert list((tmp_path / "out").iterdir()) == []
    assert "Traceback" not in log.read_text()


def test_who_may_not_read_secrets_gets_no_archive(release: Kit, tmp_path: Path) -> None:
    release.kubectl("create", "serviceaccount", "viewer").ok()
    grant = ("create", "rolebinding", "viewer", "--clusterrole=view", f"--serviceaccount={release.namespace}:viewer")
    try:
        release.kubectl(*grant).ok()
        token = release.kubectl("create", "token", "viewer").ok().out.strip()
        config = yaml.safe_load(Path(release.env["KUBECONFIG"]).read_text())
        for user in config["users"]:
            user["user"] = {"token": token}
        path = tmp_path / "config"
        path.write_text(yaml.safe_dump(config))
        path.chmod(0o600)
        words = ("--kubeconfig", path, "--provider", "existing", "--context", CLUSTER, "-o", "json")
        done = release("logs", "--bundle", tmp_path / "a.tar.gz", *words)
        told(done, "bundle-secrets-unreadable", ExitCode.PREFLIGHT, ("kind: Role", "secrets"))
        assert not (tmp_path / "a.tar.gz").exists()
    finally:
        release.kubectl("delete", "rolebinding,serviceaccount", "viewer").ok()
