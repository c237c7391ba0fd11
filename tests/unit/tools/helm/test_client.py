"""Helm's words become errors of the kit, and its records are read as it writes them."""

import base64
import gzip
import json

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import data_dir
from kitctl.tools.helm import client as helm_module
from kitctl.tools.helm.client import Helm, documents
from kitctl.tools.helm.errors import explain
from kitctl.tools.helm.records import records
from kitctl.tools.helm.sources import Sources
from kitctl.tools.process import Result

CHART = data_dir("chart")


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        ("bogus=1", "bogus"),
        ("scheduler.bogus=1", "scheduler.bogus"),
        ("image.x=1,scheduler.y=2", "image.x, scheduler.y"),
    ],
)
def test_an_unknown_key_is_named(pair, named):
    with pytest.raises(KitError) as raised:
        Helm().template(CHART, "airflow", "airflow", Sources(sets=(pair,)))
    assert raised.value.id == "values-unknown-key"
    assert raised.value.message.endswith(named)
    assert raised.value.code == ExitCode.PREFLIGHT


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("scheduler: {bogus: 1}", "scheduler.bogus"),
        ("scheduler: {replicas: many}", "scheduler.replicas"),
        ("dags: {mode: nfs}", "dags.mode"),
        ("env: [{name: 1}]", "env.0.name"),
    ],
)
def test_the_file_that_sets_a_refused_key_is_named(tmp_path, text, key):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("scheduler: {}\n")
    bad.write_text(text)
    with pytest.raises(KitError) as raised:
        Helm().template(CHART, "airflow", "airflow", Sources((good, bad)))
    assert f"{bad} sets {key}\n" in raised.value.cause
    assert "good.yaml" not in raised.value.cause


def test_an_unknown_key_is_answered_with_the_one_that_was_meant():
    with pytest.raises(KitError) as raised:
        Helm().template(CHART, "airflow", "airflow", Sources(sets=("apiserver.replicas=2,dags.git_branch=main",)))
    assert "apiServer" in raised.value.fix
    assert "dags.git_branch is now: dags.git.ref" in raised.value.fix


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        ("scheduler.replicas=many", "scheduler.replicas"),
        ("executors=KubernetesExecutor", "executors"),
        ("dags.mode=nfs", "dags.mode"),
        ("logs.persistence.size=big", "logs.persistence.size"),
    ],
)
def test_a_value_of_the_wrong_type_names_its_key(pair, named):
    with pytest.raises(KitError) as raised:
        Helm().template(CHART, "airflow", "airflow", Sources(sets=(pair,)))
    assert raised.value.id == "values-wrong-type"
    assert named in raised.value.message


@pytest.mark.parametrize(
    ("pair", "key", "found", "takes"),
    [
        ("apiServer.service.type=NodePort,apiServer.service.nodePort=80", "apiServer.service.nodePort", "80", "32767"),
        ("scheduler.replicas=-1", "scheduler.replicas", "-1", "a whole number from 0"),
        ("postgres.storage.size=5 GB", "postgres.storage.size", "'5 GB'", "such as 5Gi"),
        ("dags.bundle.cache.size=0Gi", "dags.bundle.cache.size", "'0Gi'", "such as 5Gi"),
        ("commonLabels.a b=c", "commonLabels", "a b", "a key such as team"),
    ],
)
def test_a_refused_value_is_told_with_key_value_and_what_is_allowed(pair, key, found, takes):
    with pytest.raises(KitError) as raised:
        Helm().template(CHART, "airflow", "airflow", Sources(sets=(pair,)))
    assert key in raised.value.message
    assert found in raised.value.message
    assert "pattern" not in raised.value.message
    assert f"{key} takes " in raised.value.fix
    assert takes in raised.value.fix
    assert raised.value.code == ExitCode.PREFLIGHT


def test_a_refused_value_of_a_file_is_told_unless_a_flag_replaces_it(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("postgres: {storage: {size: 8Gb}}", encoding="utf-8")
    for sets, found in (((), "'8Gb'"), (("postgres.storage.size=9Gb",), "'9Gb'")):
        with pytest.raises(KitError) as raised:
            Helm().template(CHART, "airflow", "airflow", Sources(files=(file,), sets=sets))
        assert raised.value.message == f"postgres.storage.size is not valid: {found}"
        assert f"{file} sets postgres.storage.size\n" in raised.value.cause


def test_a_mode_that_the_schema_refuses_is_told_with_the_names_of_old():
    with pytest.raises(KitError) as raised:
        Helm().template(CHART, "airflow", "airflow", Sources(sets=("dags.mode=persistent_mode",)))
    assert raised.value.fix.startswith("dags: {mode: pvc}")
    assert "persistent_mode is pvc, git_mode is git" in raised.value.fix


def test_git_without_a_repository_is_refused_by_the_chart_under_an_id_of_its_own():
    with pytest.raises(KitError) as raised:
        Helm().template(CHART, "airflow", "airflow", Sources(sets=("dags.mode=git",)))
    assert raised.value.id not in {"helm-failed", "values-wrong-type"}
    assert "dags.git.repo" in raised.value.message + raised.value.cause + raised.value.fix
    assert raised.value.code == ExitCode.PREFLIGHT


@pytest.mark.parametrize(
    ("words", "message", "cause", "fix"),
    [
        (
            "Error: x: \n\n[a-b] M\nwhy\n\nk:\n  l: 1\n\nUse --debug flag to render out invalid YAML",
            "M",
            "why",
            "k:\n  l: 1",
        ),
        ("Error: x: \n[a-b] M here.\n  Fix: do this\n", "M here.", "", "do this"),
        ("Error: x: [a-b] M", "M", "", ""),
    ],
)
def test_refusals_of_the_chart_keep_id_reason_and_fix(words, message, cause, fix):
    error = explain(words)
    assert (error.id, error.message, error.cause, error.fix) == ("a-b", message, cause, fix)


def test_several_refusals_at_once_are_all_told():
    with pytest.raises(KitError) as raised:
        Helm().template(CHART, "airflow", "airflow", Sources(sets=("dags.mode=git,airflowVersion=2.9.0",)))
    error = raised.value
    assert error.id == "airflow-version-too-old"
    assert "2.9.0" in error.message
    assert "Also [dags-git-invalid] dags.git.repo" in error.cause
    assert "airflowVersion:" in error.fix
    assert "git: {repo:" in error.fix


def test_a_set_that_is_no_pair_is_the_users_slip():
    with pytest.raises(KitError) as raised:
        Helm().template(CHART, "airflow", "airflow", Sources(sets=("foo",)))
    assert (raised.value.id, raised.value.code) == ("set-invalid", ExitCode.USAGE)
    assert '"foo" has no value' in raised.value.message


def test_an_object_of_another_owner_is_named():
    error = explain(
        'Error: INSTALLATION FAILED: Unable to continue with install: ConfigMap "q-x" in namespace "n" exists and '
        "cannot be imported into the current release: invalid ownership metadata"
    )
    assert error.id == "object-not-ours"
    assert "ConfigMap q-x" in error.message


def test_other_words_are_passed_on():
    assert explain("Error: something new").cause == "Error: something new"


def test_two_renders_give_the_same_bytes():
    first, second = (Helm().template(CHART, "airflow", "airflow") for _ in range(2))
    assert first == second
    assert {d["kind"] for d in documents(first)} >= {"Deployment", "StatefulSet", "Job"}


def test_context_and_kubeconfig_travel_with_every_cluster_command(monkeypatch, tmp_path):
    seen = []

    def run(argv, **_):
        seen.append(argv)
        return Result(0, "{}", "")

    monkeypatch.setattr(helm_module, "run", run)
    helm = Helm("ctx", tmp_path / "config")
    helm.plan(CHART, "r", "n")
    helm.upgrade_install(CHART, "r", "n", labels={"kitctl": "up"})
    helm.uninstall("r", "n")
    helm.status("r", "n")
    helm.values("r", "n")
    for argv in seen:
        assert argv[argv.index("--kube-context") + 1] == "ctx"
        assert argv[argv.index("--kubeconfig") + 1] == str(tmp_path / "config")
    upgrade = seen[1]
    assert "--wait" not in upgrade
    assert upgrade[upgrade.index("--history-max") + 1] == "5"
    assert upgrade[upgrade.index("--labels") + 1] == "kitctl=up"


def test_a_release_that_is_absent_is_no_error(monkeypatch):
    monkeypatch.setattr(helm_module, "run", lambda *_, **__: Result(1, "", "Error: release: not found"))
    assert Helm().status("r", "n") is None
    assert Helm().uninstall("r", "n") is False
    assert Helm().values("r", "n") is None


FORBIDDEN = (
    'Error: query: failed to query with labels: secrets is forbidden: User "bob" cannot list resource "secrets" in API '
    'group "" in the namespace "n"'
)
AWAY = 'Error: Kubernetes cluster unreachable: Get "https://127.0.0.1:1/version": dial tcp: connection refused'


@pytest.mark.parametrize(
    ("words", "error_id", "code"),
    [
        (FORBIDDEN, "forbidden", ExitCode.PREFLIGHT),
        (AWAY, "cluster-unreachable", ExitCode.UNREACHABLE),
        ('Error: Kubernetes cluster unreachable: context "c" not found', "cluster-unreachable", ExitCode.UNREACHABLE),
        ("Error: the server could not find what was asked: not found", "helm-failed", ExitCode.FAILURE),
    ],
)
@pytest.mark.parametrize("verb", ["values", "status", "uninstall"])
def test_what_keeps_helm_from_telling_is_an_error_and_not_an_absent_release(monkeypatch, verb, words, error_id, code):
    monkeypatch.setattr(helm_module, "run", lambda *_, **__: Result(1, "", words))
    with pytest.raises(KitError) as raised:
        getattr(Helm(), verb)("r", "n")
    assert (raised.value.id, raised.value.code) == (error_id, code)


@pytest.mark.parametrize(
    "text", ["", "!!", "bm90IGd6aXA=", "SDRzSUFBQUFBQUFBQTh0SXpjbkpWeWpQTDhwSkFRQ0ZFVW9OQ3dBQUFBPT0="]
)
def test_a_record_that_cannot_be_read_is_named(fake, text):
    path = fake.add_record("deployed", revision=3)
    fake.objects[path]["data"]["release"] = text
    with pytest.raises(KitError) as raised:
        records(fake.kube, "airflow", "airflow")
    assert raised.value.id == "helm-record-broken"
    assert "v1.airflow.v3" in raised.value.message


def test_records_are_read_oldest_first(fake):
    fake.add_record("deployed", revision=10, age=100, manifest="a: 1")
    fake.add_record("superseded", revision=9, ours=False)
    old, new = records(fake.kube, "airflow", "airflow")
    assert (old.revision, old.ours, old.pending) == (9, False, False)
    assert (new.revision, new.status, new.manifest, new.ours) == (10, "deployed", "a: 1", True)
    assert 95 < new.age < 110
    assert records(fake.kube, "airflow", "other") == []


def test_records_of_the_configmap_driver_are_read_too(fake, monkeypatch):
    monkeypatch.setenv("HELM_DRIVER", "configmap")
    text = base64.b64encode(gzip.compress(json.dumps({"manifest": "b: 2"}).encode())).decode()
    labels = {"owner": "helm", "name": "airflow", "status": "pending-install", "version": "1"}
    fake.add(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "x", "labels": labels},
            "data": {"release": text},
        }
    )
    (found,) = records(fake.kube, "airflow", "airflow")
    assert (found.manifest, found.pending) == ("b: 2", True)
