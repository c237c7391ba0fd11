"""Task logs in a real object store: what cannot be written is refused beforehand, and logs outlive their pods."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.git import images
from tests.e2e.git.stories import SMALL, remove
from tests.e2e.kit import CLUSTER, Done, Kit, finish, log_text, start_run, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1500)]
STORE = "e2e-store"
KEY = "se/cr+et=%24:@1"
ENDPOINT = f"http://store.{STORE}.svc.cluster.local:7070"
DAG = """
from airflow.sdk import dag, task

@dag(schedule=None)
def e2e_log_store():
    @task
    def tell():
        print("a line for the store")
    tell()

e2e_log_store()
"""


def secret(kit: Kit, id_: str, key: str) -> None:
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "log-store"}}
    text = json.dumps({**body, "stringData": {"access-key-id": id_, "secret-access-key": key}})
    kit.kubectl("apply", "-f", "-", text=text).ok()


@pytest.fixture(scope="module")
def mine(kit: Kit) -> Iterator[Kit]:
    """The command for a release of its own, with the store beside it."""
    image = images.object_store()
    images.load(CLUSTER, image)
    manifest = (Path(__file__).parent / "log_store" / "server.yaml").read_text()
    kit.kubectl(
        "apply", "-f", "-", namespace=STORE, text=manifest.replace("IMAGE", image).replace("THE-PASSWORD", KEY)
    ).ok()
    kit.kubectl("rollout", "status", "deployment/store", "--timeout=120s", namespace=STORE, timeout=130).ok()
    own = kit.sibling("e2e-logs", "logs")
    own.kubectl("create", "namespace", own.namespace, namespace="default").ok()
    yield own
    remove(own)
    kit.kubectl("delete", "namespace", STORE, "--timeout=60s", namespace="default", timeout=90)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DAGs, and the provider of the store."""
    place = tmp_path_factory.mktemp("logs")
    (place / "dags").mkdir()
    (place / "dags" / "e2e_log_store.py").write_text(DAG)
    (place / "requirements.txt").write_text("apache-airflow-providers-amazon\n")
    return place


def up(kit: Kit, place: Path, *more: str, endpoint: str = ENDPOINT, bucket: str = "logs") -> Done:
    remote: dict[str, Any] = {
        "enabled": True,
        "folder": f"s3://{bucket}/airflow",
        "s3": {"endpointUrl": endpoint, "region": "us-east-1", "credentialsSecret": {"name": "log-store"}},
    }
    values = {**SMALL, "logs": {"persistence": {"enabled": False}, "remote": remote}}
    (place / "values.yaml").write_text(json.dumps(values))
    return kit(
        "up",
        "-f",
        place / "values.yaml",
        "--dags",
        place / "dags",
        "--node-port",
        "30831",
        "--no-smoke",
        "-o",
        "json",
        *more,
        timeout=1200,
    )


def test_what_cannot_be_written_is_refused_before_anything_changes(mine: Kit, folder: Path) -> None:
    wanted = ["--requirements", str(folder / "requirements.txt")]

    def refused(*words: str, **more: str) -> str:
        done = up(mine, folder, *words, **more)
        assert done.code == 3, done.err
        return str(done.error["id"])

    assert refused(*wanted) == "remote-logs-secret-incomplete"
    secret(mine, "nobody", "wrong")
    assert refused() == "remote-logs-provider-missing"
    assert refused(*wanted) == "remote-logs-login-refused"
    secret(mine, "kit", KEY)
    assert refused(*wanted, bucket="absent") == "remote-logs-bucket-missing"
    assert refused(*wanted, endpoint=ENDPOINT.replace("7070", "7071")) == "remote-logs-unreachable"
    assert mine.helm("list", "-q").ok().out.split() == []
    assert mine.get("pods", namespace=mine.namespace) == []


def test_the_log_of_a_task_outlives_its_pod_in_the_store(mine: Kit, folder: Path) -> None:
    secret(mine, "kit", KEY)
    up(mine, folder, "--requirements", str(folder / "requirements.txt")).ok()
    api = mine.api()
    run_id = start_run(api, "e2e_log_store")
    assert finish(api, "e2e_log_store", run_id, timeout=300) == "success"

    def workers() -> list[str]:
        names = [p["metadata"]["name"] for p in mine.get("pods", namespace=mine.namespace)]
        return [name for name in names if name.startswith("e2e-log-store-tell")]

    wait_for("the pod of the task to go", lambda: not workers(), timeout=60)
    assert "a line for the store" in log_text(api, "e2e_log_store", run_id, "tell")
    find = ["exec", "deploy/store", "--", "find", "/data/buckets/logs/airflow", "-name", "*.log", "-path", "*tell*"]
    assert mine.kubectl(*find, namespace=STORE).ok().out.strip()
