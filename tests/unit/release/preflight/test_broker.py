"""The pod that asks an external broker, and what comes of its answer (real brokers: tests/airflow)."""

import json

import pytest

from kitctl.errors import KitError
from kitctl.release.preflight import broker
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

EXTERNAL = {"broker": {"kind": "external"}}
FINE = {"step": "", "said": "", "address": {"scheme": "redis", "host": "r", "port": 6379, "database": "0"}}
CMD = {"name": "AIRFLOW__CELERY__BROKER_URL_CMD", "value": "python3 -IS /opt/airflow/kit/broker_url.py"}
KEYS = {"secret": {"name": "airflow-keys", "items": [{"key": "fernet-key", "path": "fernet-key"}]}}
PASSWORD = {"secret": {"name": "mine", "items": [{"key": "pw", "path": "broker-password"}]}}
CA = {"configMap": {"name": "ca", "items": [{"key": "ca.crt", "path": "broker-ca.crt"}]}}


def deployment(component, env=(), volumes=(), mounts=()):
    main = {"name": component, "image": "a/b:1", "securityContext": {"runAsNonRoot": True}}
    main |= {"env": list(env), "volumeMounts": [{"name": "secrets", "mountPath": "/opt/airflow/secrets"}, *mounts]}
    meta = {"name": f"airflow-{component}", "labels": {"app.kubernetes.io/component": component}}
    secrets = {"name": "secrets", "projected": {"sources": [KEYS, PASSWORD, CA]}}
    template = {"securityContext": {}, "containers": [main], "volumes": [secrets, *volumes]}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"template": {"spec": template}}}


def workers(name, *args):
    template = {"containers": [{"name": "celery", "args": ["airflow", "celery", "worker", *args]}]}
    meta = {"name": name, "labels": {"app.kubernetes.io/component": "celery"}}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": meta, "spec": {"template": {"spec": template}}}


@pytest.fixture
def ask(fake, monkeypatch):
    """Run the check with a pod that says this; returns its notes and the pods."""

    def asked(report=None, config=EXTERNAL, scheduler=None, text="ErrImagePull"):
        said = text if report is None else f"x\nKITCTL-REPORT {json.dumps(report)}\n"
        notes, made = [], []
        monkeypatch.setattr(broker.job_pod, "answer", lambda *_: said)
        monkeypatch.setattr(Kube, "create", lambda _, obj, namespace: made.append(obj) or True)
        objects = [deployment("dag-processor"), scheduler or deployment("scheduler", [CMD]), workers("w")]
        broker.check(fake.kube, "airflow", config, objects, notes.append, Deadline(600))
        return notes, made

    return asked


def test_a_broker_that_can_be_used_is_told_and_the_pod_is_removed(ask, fake):
    notes, (pod,) = ask(FINE)
    assert notes == ["the broker redis://r:6379/0 can be used"]
    assert fake.requests[-1] == ("DELETE", "/api/v1/namespaces/airflow/pods/airflow-broker-check")
    assert pod["metadata"]["labels"]["app.kubernetes.io/component"] == "broker-check"


def test_the_pod_has_the_secrets_of_the_broker_and_no_others_and_starts_without_them(ask):
    _, (pod,) = ask(FINE)
    (secrets,) = [v for v in pod["spec"]["volumes"] if v["name"] == "secrets"]
    sources = secrets["projected"]["sources"]
    assert sources == [
        {"secret": {**PASSWORD["secret"], "optional": True}},
        {"configMap": {**CA["configMap"], "optional": True}},
    ]
    spec = json.loads(pod["spec"]["containers"][0]["command"][3])
    assert (spec["secrets"], spec["files"]) == ("/opt/airflow/secrets", ["broker-ca.crt", "broker-password"])
    assert "def url(" in spec["broker_url"]


def test_the_pod_has_the_variables_of_the_broker_and_of_the_user_and_no_others(ask):
    host, ours = (
        {"name": "KIT_BROKER_HOST", "value": "r"},
        {"name": "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", "value": ""},
    )
    option = {"name": "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__MASTER_NAME", "value": "m"}
    mine = {"name": "MINE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    scheduler = deployment("scheduler", [CMD, host, ours, option, mine])
    _, (pod,) = ask(FINE, {**EXTERNAL, "env": [mine]}, scheduler)
    env = {e["name"]: e for e in pod["spec"]["containers"][0]["env"]}
    assert set(env) == {CMD["name"], "KIT_BROKER_HOST", option["name"], "MINE", "AIRFLOW_HOME"}
    assert env["MINE"]["valueFrom"]["secretKeyRef"]["optional"] is True


def test_the_users_own_certificates_come_along(ask):
    volumes = [
        {"name": "tls", "secret": {"secretName": "tls"}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "d"}},
        {"name": "config", "configMap": {"name": "airflow-config"}},
    ]
    mounts = [{"name": v["name"], "mountPath": f"/{v['name']}"} for v in volumes]
    scheduler = deployment("scheduler", [CMD], volumes, mounts)
    config = {**EXTERNAL, "pods": {"extraVolumes": volumes[:1]}, "scheduler": {"extraVolumes": volumes[1:2]}}
    _, (pod,) = ask(FINE, config, scheduler)
    assert pod["spec"]["volumes"][2:] == [{"name": "tls", "secret": {"secretName": "tls", "optional": True}}]
    assert [m["mountPath"] for m in pod["spec"]["containers"][0]["volumeMounts"]][1:] == [
        "/opt/airflow/secrets",
        "/tls",
    ]


def test_a_refusal_stops(ask):
    with pytest.raises(KitError) as caught:
        ask({"missing": ["broker-password"]})
    assert (caught.value.id, caught.value.code) == ("broker-secret-incomplete", 3)
    assert "--from-literal=pw=" in caught.value.fix


def test_a_pod_that_cannot_run_stops_nothing(ask):
    assert ask()[0] == ["the broker was not asked: ErrImagePull"]


@pytest.mark.parametrize("config", [{}, {"broker": {"kind": "redis"}}])
def test_the_charts_own_broker_needs_no_pod(ask, config):
    assert ask(FINE, config) == ([], [])


def test_a_release_without_celery_needs_no_pod(ask):
    assert ask(FINE, EXTERNAL, deployment("scheduler")) == ([], [])


@pytest.mark.parametrize(
    ("env", "default"), [([], "default"), ([{"name": "AIRFLOW__OPERATORS__DEFAULT_QUEUE", "value": "q"}], "q")]
)
def test_the_queues_of_all_groups_are_asked_for(env, default):
    objects = [workers("a"), workers("b", "--queues", "big,default"), deployment("scheduler")]
    assert broker.queues(objects, {"env": env}) == list(dict.fromkeys([default, "big", "default"]))
