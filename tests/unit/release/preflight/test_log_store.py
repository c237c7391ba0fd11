"""The pod that writes to the store of the task logs, and what comes of its answer."""

import json

import pytest

from kitctl.errors import KitError
from kitctl.release.preflight import log_store
from kitctl.release.preflight.log_store_refusal import refusal
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

REMOTE = {"logs": {"remote": {"enabled": True, "s3": {"endpointUrl": "http://minio:9000"}}}}
KEY = {"name": "KIT_LOGS_ACCESS_KEY_ID", "valueFrom": {"secretKeyRef": {"name": "minio", "key": "id"}}}
FOLDER = {"name": "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER", "value": "s3://b/l"}


def connection(name="kit_remote_logs"):
    return {"name": "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID", "value": name}


OWN = [FOLDER, connection(), KEY, {"name": "AIRFLOW_CONN_KIT_REMOTE_LOGS", "value": "{}"}]


def deployment(component, env=()):
    main = {"name": component, "image": "a/b:1", "securityContext": {"runAsNonRoot": True}, "env": list(env)}
    meta = {"name": f"airflow-{component}", "labels": {"app.kubernetes.io/component": component}}
    template = {"securityContext": {}, "containers": [main]}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"template": {"spec": template}}}


@pytest.fixture
def look(fake, monkeypatch):
    """Run the check with a pod that says this; returns its notes and the pods."""

    def looked(env, report=None, config=REMOTE, text="ErrImagePull"):
        said = text if report is None else f"x\nKITCTL-REPORT {json.dumps(report)}\n"
        notes, made = [], []
        monkeypatch.setattr(log_store.job_pod, "answer", lambda *_: said)
        monkeypatch.setattr(Kube, "create", lambda _, obj, namespace: made.append(obj) or True)
        objects = [deployment("dag-processor"), deployment("api-server", env)]
        log_store.check(fake.kube, "airflow", config, objects, notes.append, Deadline(600))
        return notes, made

    return looked


def test_a_store_that_takes_a_log_is_told_and_the_pod_is_removed(look, fake):
    notes, (pod,) = look(OWN, {"said": ""})
    assert notes == ["task logs can be kept in s3://b/l"]
    assert fake.requests[-1] == ("DELETE", "/api/v1/namespaces/airflow/pods/airflow-log-check")
    spec = json.loads(pod["spec"]["containers"][0]["command"][3])
    assert spec == {"wanted": {"KIT_LOGS_ACCESS_KEY_ID": ["minio", "id"]}, "endpoint": "http://minio:9000"}


def test_the_pod_has_the_variables_of_the_store_and_of_the_user_and_no_others(look):
    others = [{"name": "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", "value": "x"}, {"name": "HTTPS_PROXY", "value": "p"}]
    config = {**REMOTE, "env": [{"name": "HTTPS_PROXY", "value": "p"}]}
    _, (pod,) = look([*OWN, *others], {"said": ""}, config)
    env = {e["name"]: e for e in pod["spec"]["containers"][0]["env"]}
    assert set(env) == {e["name"] for e in OWN} | {"HTTPS_PROXY", "AIRFLOW_HOME", "AIRFLOW__LOGGING__BASE_LOG_FOLDER"}
    assert env["KIT_LOGS_ACCESS_KEY_ID"]["valueFrom"]["secretKeyRef"]["optional"] is True


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ([FOLDER, connection("")], "cloud identity"),
        ([FOLDER, connection("mine")], "connection mine is in the database"),
    ],
)
def test_what_the_pod_cannot_know_is_told_and_makes_no_pod(look, env, words):
    notes, made = look(env)
    assert words in notes[0]
    assert made == []


def test_a_pod_that_cannot_run_stops_nothing(look):
    notes, _ = look(OWN)
    assert notes == ["the store of the task logs was not looked at: ErrImagePull"]


def test_a_release_without_a_store_needs_no_pod(look):
    assert look(OWN, {"said": "x"}, {}) == ([], [])


def test_a_refusal_stops(look):
    with pytest.raises(KitError) as caught:
        look(OWN, {"missing": [["minio", "id"]]})
    assert (caught.value.id, caught.value.code) == ("remote-logs-secret-incomplete", 3)
    assert "minio" in caught.value.fix


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("ImportError: due to: ModuleNotFoundError:No module named 'airflow.providers.amazon'", "provider-missing"),
        ("ModuleNotFoundError: No module named 'botocore'", "provider-missing"),
        ("ClientError: An error occurred (NoSuchBucket) when calling the PutObject operation", "bucket-missing"),
        ("ClientError: An error occurred (InvalidAccessKeyId) when calling PutObject", "login-refused"),
        ("ClientError: An error occurred (XUser): No user has this access key ID", "login-refused"),
        ("ClientError: An error occurred (403) when calling the HeadObject operation: Forbidden", "login-refused"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "unreachable"),
        ("gaierror: [Errno -2] Name or service not known", "unreachable"),
        ("ValueError: odd", "unusable"),
    ],
)
def test_words_of_the_store_have_one_cause(said, error):
    found = refusal({"said": said}, "s3://b/l", "airflow")
    assert found is not None
    assert found.id == f"remote-logs-{error}"
    assert found.cause


def test_the_package_of_a_missing_provider_is_named():
    found = refusal({"said": "No module named 'airflow.providers.microsoft.azure'"}, "wasb://l", "airflow")
    assert "apache-airflow-providers-microsoft-azure" in found.fix


def test_a_character_that_breaks_the_connection_is_named():
    found = refusal({"character": ["minio", "id", '"']}, "s3://b/l", "airflow")
    assert found.id == "remote-logs-key-character"
    assert "'\"'" in found.message
