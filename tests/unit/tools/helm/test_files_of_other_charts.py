"""Values files of other charts: Helm refuses them, and one error answers each of their keys, in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.model.values.keys.peers import PEERS
from kitctl.model.versions import data_dir
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.sources import Sources
from kitctl.tools.helm.values_files import keys_set

HERE = Path(__file__).parent / "peers"
KNOWN = {"airflowVersion", "env", "scheduler.replicas", "logs.persistence", "dags.path", "config.core.parallelism"}
"""Keys that the kit has as well, with the same meaning."""


def refused(*files: Path, sets: tuple[str, ...] = ()) -> KitError:
    with pytest.raises(KitError) as raised:
        Helm().template(data_dir("chart"), "airflow", "airflow", Sources(files, sets=sets))
    return raised.value


@pytest.mark.parametrize("name", PEERS)
def test_each_key_is_answered_in_the_order_of_the_file(name: str) -> None:
    file = HERE / f"{name}.yaml"
    lines = refused(file).fix.splitlines()
    about = [line.removeprefix("Remove ").partition(":")[0].removesuffix(" is now") for line in lines]
    keys = [".".join(key) for key in keys_set([file], ())]
    asked = [key for key in keys if not any(key == known or key.startswith(f"{known}.") for known in KNOWN)]
    answered = [
        next((a for a in about if key == a or key.startswith(f"{a}.")), f"nothing about {key}") for key in asked
    ]
    assert list(dict.fromkeys(answered)) == about


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("official", "executor is now: executors (a list: `[CeleryExecutor, KubernetesExecutor]`)"),
        ("official", "images.airflow.repository is now: image.repository"),
        ("official", "webserver.replicas is now: apiServer.replicas"),
        ("official", "webserver.defaultUser.username is now: admin.username"),
        ("official", "webserver.resources is now: apiServer.resources"),
        ("official", "workers.replicas is now: workers.celery.replicas"),
        ("official", "workers.persistence is now: logs.persistence (one claim for the logs of all pods)"),
        ("official", "data.metadataConnection.db is now: database.name"),
        ("official", "redis.persistence.storageClassName is now: broker.redis.storage.storageClass"),
        ("official", "dags.gitSync.period is now: dags.git.periodSeconds (a number of seconds)"),
        ("official", "config.core.dags_folder is now: dags.path, if the file is for the official chart"),
        (
            "official",
            "workers.resources is now: workers.resources, workers.celery.resources, if the file is for the official "
            "chart",
        ),
        ("community", "airflow.image.repository is now: image.repository"),
        ("community", "airflow.kubernetesPodTemplate.resources is now: workers.resources"),
        ("community", "web.service.nodePort.http is now: apiServer.service.nodePort"),
        ("community", "Remove logs.path: it is always /opt/airflow/logs"),
        ("community", "dags.persistence.existingClaim is now: dags.pvc.existingClaim"),
        ("community", "externalDatabase.passwordSecretKey is now: database.passwordSecret.key"),
        ("kube-airflow", "celery.num_workers is now: workers.celery.replicas (with `executors: [CeleryExecutor]`)"),
        ("kube-airflow", "dags.git_branch is now: dags.git.ref"),
        ("kube-airflow", "Remove dags.pickle_dag: Airflow 3 does not pickle DAGs"),
    ],
)
def test_what_the_error_says_of_a_key(name: str, line: str) -> None:
    assert line in refused(HERE / f"{name}.yaml").fix.splitlines()


def test_a_reason_for_a_section_is_told_once() -> None:
    fix = refused(HERE / "official.yaml").fix
    assert fix.count("Remove statsd: ") == 1
    assert "statsd.uid" not in fix


def test_keys_of_flags_are_answered_as_well(tmp_path: Path) -> None:
    fix = refused(sets=("webserver.replicas=2,webserver.service.type=NodePort", "dags.gitSync.depth=3")).fix
    assert fix.splitlines() == [
        "webserver.replicas is now: apiServer.replicas",
        "webserver.service.type is now: apiServer.service.type",
        "dags.gitSync.depth is now: dags.git.depth",
    ]


def test_a_key_of_the_kit_that_is_misspelt_beside_them_is_told(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("webserver: {replicas: 2}\nscheduler: {replicaz: 2}\n")
    assert refused(file).fix.splitlines() == [
        "webserver.replicas is now: apiServer.replicas",
        "Did you mean scheduler.replicas?",
    ]
