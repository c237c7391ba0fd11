"""The kit's cluster policies, called by Airflow itself beside a user's: what a DAG may not take, what its pods get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.airflow.environment import deferring, interpreter, run_python
from tests.airflow.policy_home import place
from tests.chart.release import render

RIGHTS = "workers.podOperatorRights=true"
READER = Path(__file__).with_name("policy_reader.py")
USERS = """
def pod_mutation_hook(pod):
    pod.metadata.labels["cost-center"] = "4711"
"""
PLATFORMS = """
from kubernetes.client import models as k8s

def pod_mutation_hook(pod):
    pod.spec.service_account_name = "airflow-scheduler"
"""
REPLACES = """
def pod_mutation_hook(pod):
    pod.metadata.labels = {"mine": "only"}
"""
LABELS = "app.kubernetes.io"


def base(**fields: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "base", **fields}]}}


def spec(**fields: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "base"}], **fields}}


def volume(**source: Any) -> dict[str, Any]:
    return spec(volumes=[{"name": "v", **source}])


def ask(tmp_path: Path, *sets: str, role: str, local: str = "", python: Path | None = None, **request: Any) -> Any:
    """Put the policies where the pods of a role have them, and let Airflow read them there."""
    release = render(sets=sets)
    home, templates = tmp_path / "home", tmp_path / "templates"
    env = place(home, release, role)
    if local:
        (home / "config" / "airflow_local_settings.py").write_text(local)
    templates.mkdir()
    found = [c for c in release.all("ConfigMap") if c.metadata.name.endswith("-pod-templates")]
    for name, text in found[0].data.items() if found else ():
        (templates / name).write_text(text)
    (tmp_path / "namespace").write_text("airflow\n")
    more = {"templates": str(templates), "namespace": str(tmp_path / "namespace")}
    text = json.dumps({"worker": [], "operator": [], "sidecar": False, **more, **request})
    answer = run_python([str(READER)], text, {**env, "AIRFLOW_HOME": str(home)}, python=python or interpreter())
    assert answer.ok, answer.stderr[-3000:]
    return json.loads(answer.stdout.splitlines()[-1])


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "secret volume": (volume(secret={"secretName": "airflow-keys"}), "the Secret airflow-keys"),
    "projected": (volume(projected={"sources": [{"secret": {"name": "airflow-keys"}}]}), "the Secret airflow-keys"),
    "variable": (
        base(env=[{"name": "K", "valueFrom": {"secretKeyRef": {"name": "airflow-keys", "key": "fernet-key"}}}]),
        "the Secret airflow-keys",
    ),
    "all variables": (base(envFrom=[{"secretRef": {"name": "airflow-keys"}}]), "the Secret airflow-keys"),
    "init container": (
        spec(initContainers=[{"name": "i", "envFrom": [{"secretRef": {"name": "airflow-keys"}}]}]),
        "the Secret airflow-keys",
    ),
    "a driver's secret": (
        volume(csi={"driver": "d", "nodePublishSecretRef": {"name": "airflow-keys"}}),
        "the Secret airflow-keys",
    ),
    "Helm's record of values": (
        volume(secret={"secretName": "sh.helm.release.v1.airflow.v1"}),
        "the Secret sh.helm.release.v1.airflow.v1",
    ),
    "account": (spec(serviceAccountName="airflow-scheduler"), "the ServiceAccount airflow-scheduler"),
    "old name of the account's field": (spec(serviceAccount="airflow-scheduler"), "the ServiceAccount"),
    "component": (
        {"metadata": {"labels": {f"{LABELS}/component": "api-server"}}, **base()},
        "label app.kubernetes.io/component is 'api-server'",
    ),
    "another release": (
        {"metadata": {"labels": {f"{LABELS}/instance": "other"}}, **base()},
        "label app.kubernetes.io/instance is 'other'",
    ),
    "files of the database": (
        volume(persistentVolumeClaim={"claimName": "data-airflow-postgres-0"}),
        "the PersistentVolumeClaim data-airflow-postgres-0",
    ),
    "writing DAGs": (
        {
            "spec": {
                "containers": [{"name": "base", "volumeMounts": [{"name": "v", "mountPath": "/d"}]}],
                "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "airflow-dags"}}],
            }
        },
        "airflow-dags to write to it",
    ),
}
FINE: dict[str, dict[str, Any] | None] = {
    "no override": None,
    "own secret": volume(secret={"secretName": "team-secret"}),
    "own account": spec(serviceAccountName="team"),
    "own label": {"metadata": {"labels": {"team": "a"}}, **base()},
    "own volume": volume(persistentVolumeClaim={"claimName": "team-data"}),
    "the workers' own account": spec(serviceAccountName="airflow-worker"),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    overrides = {**{name: override for name, (override, _) in REFUSED.items()}, **FINE}
    folder = tmp_path_factory.mktemp("policies")
    found = ask(folder, "dags.mode=pvc", role="scheduler", local=USERS, worker=list(overrides.values()))
    return dict(zip(overrides, found["worker"], strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_a_worker_pod_gets_nothing_of_the_release(judged: dict[str, Any], name: str) -> None:
    assert isinstance(judged[name], str), "the pod would have been launched"
    assert "worker-pod-refused" in judged[name]
    assert REFUSED[name][1] in judged[name]


@pytest.mark.parametrize("name", FINE)
def test_what_is_not_the_releases_goes_on_and_meets_the_users_own_hook(judged: dict[str, Any], name: str) -> None:
    assert judged[name]["metadata"]["labels"]["cost-center"] == "4711"


def test_what_the_platforms_own_hook_adds_is_not_judged(tmp_path: Path) -> None:
    found = ask(tmp_path, role="scheduler", local=PLATFORMS, worker=[None])
    assert found["worker"][0]["spec"]["serviceAccountName"] == "airflow-scheduler"


def test_a_worker_pod_has_the_label_of_its_release_whatever_other_hooks_do(tmp_path: Path) -> None:
    """Without it, the scheduler of the release would not see the pod again."""
    found = ask(tmp_path, role="scheduler", local=REPLACES, worker=[None])
    assert found["worker"][0]["metadata"]["labels"] == {"mine": "only", f"{LABELS}/instance": "airflow"}


def test_what_the_values_give_to_worker_pods_is_allowed(tmp_path: Path) -> None:
    given = ("name=K", "valueFrom.secretKeyRef.name=airflow-keys", "valueFrom.secretKeyRef.key=fernet-key")
    sets = [f"workers.env[0].{each}" for each in given]
    found = ask(tmp_path, *sets, role="scheduler", worker=[REFUSED["variable"][0]])
    assert isinstance(found["worker"][0], dict)


def pod(namespace: str = "airflow", context: dict[str, Any] | None = None, **container: Any) -> dict[str, Any]:
    contexts = {"securityContext": context} if context else {}
    first = {"name": "base", "image": "python:3", **container}
    return {
        "metadata": {"namespace": namespace, "labels": {}},
        "spec": {"containers": [first], "initContainers": [{"name": "i", "image": "b"}], **contexts},
    }


@pytest.mark.parametrize("python", [interpreter, deferring], ids=["unmodified", "deferred"])
def test_a_pod_of_an_operator_meets_restricted_with_its_sidecar(tmp_path: Path, python: Any) -> None:
    sets = (RIGHTS, "image.pullSecrets[0].name=pull")
    found = ask(tmp_path, *sets, role="worker", operator=[pod()], sidecar=True, python=python())["operator"][0]
    wanted = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert [c["securityContext"] for c in [*found["containers"], *found["initContainers"]]] == [wanted] * 3
    context = found["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"]) == (True, 50000)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert found["containers"][1]["image"] == render(sets=sets).pod("worker").spec.containers[0].image
    assert found["imagePullSecrets"] == [{"name": "pull"}]


def test_what_a_task_says_is_kept(tmp_path: Path) -> None:
    pods = [
        pod(context={"runAsUser": 1000}),
        pod(securityContext={"runAsUser": 0}),
        pod(securityContext={"privileged": True}),
        pod(securityContext={"capabilities": {"add": ["NET_ADMIN"]}}),
        pod(namespace="elsewhere"),
    ]
    user, root, privileged, added, elsewhere = ask(tmp_path, RIGHTS, role="worker", operator=pods)["operator"]
    assert user["securityContext"]["runAsUser"] == 1000
    assert root["containers"][0]["securityContext"]["runAsUser"] == 0
    assert "runAsNonRoot" not in root["securityContext"]
    assert "allowPrivilegeEscalation" not in privileged["containers"][0]["securityContext"]
    assert added["containers"][0]["securityContext"]["capabilities"] == {"add": ["NET_ADMIN"]}
    assert elsewhere == pods[-1]["spec"]


def test_ids_are_left_out_where_the_release_leaves_them_out(tmp_path: Path) -> None:
    found = ask(tmp_path, RIGHTS, "pods.fixedIds=false", role="worker", operator=[pod()])["operator"][0]
    assert {"runAsUser", "fsGroup"}.isdisjoint(found["securityContext"])


@pytest.mark.parametrize("sets", [(), (RIGHTS, "workers.restrictOperatorPods=false")])
def test_worker_pods_have_no_policy_that_they_do_not_need(sets: tuple[str, ...]) -> None:
    found = yaml.safe_load(json.dumps([v.name for v in render(sets=sets).pod("worker").spec.volumes]))
    assert "airflow-kit-policy" not in found


def test_tasks_of_celery_workers_have_it_there(tmp_path: Path) -> None:
    sets = (RIGHTS, "executors[0]=CeleryExecutor")
    found = ask(tmp_path, *sets, role="celery", operator=[pod()])["operator"][0]
    assert found["securityContext"]["runAsNonRoot"] is True


@pytest.mark.parametrize("kind", ["redis", "rabbitmq"])
def test_the_broker_belongs_to_the_release_as_well(tmp_path: Path, kind: str) -> None:
    sets = ("executors[0]=KubernetesExecutor", "executors[1]=CeleryExecutor", f"broker.kind={kind}")
    asked = [
        volume(persistentVolumeClaim={"claimName": f"data-airflow-{kind}-0"}),
        spec(serviceAccountName="airflow-celery"),
    ]
    for told in ask(tmp_path, *sets, role="scheduler", worker=asked)["worker"]:
        assert "worker-pod-refused" in told


def test_the_account_of_a_group_of_celery_workers_belongs_to_the_release_as_well(tmp_path: Path) -> None:
    group = ("name=big", "queues={big}", "serviceAccount.annotations.role=big")
    sets = ("executors={KubernetesExecutor,CeleryExecutor}", *(f"workers.celery.groups[0].{one}" for one in group))
    (told,) = ask(tmp_path, *sets, role="scheduler", worker=[spec(serviceAccountName="airflow-celery-big")])["worker"]
    assert "it runs as the ServiceAccount airflow-celery-big" in told


def test_tasks_of_the_local_executor_have_it_in_the_scheduler(tmp_path: Path) -> None:
    sets = (RIGHTS, "executors[0]=LocalExecutor")
    found = ask(tmp_path, *sets, role="scheduler", operator=[pod()])["operator"][0]
    assert found["securityContext"]["runAsNonRoot"] is True
