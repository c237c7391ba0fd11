"""What the cluster says of the release that an upgrade starts from."""

import json
import threading

import pytest
import yaml

from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.release.upgrade import running
from kitctl.release.upgrade.running import Running
from tests.unit.fake_deploy import LABELS
from tests.unit.fake_release import add_release, make_release

JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "airflow-migrate-1a", "labels": {**LABELS, "app.kubernetes.io/component": "migrate"}},
    "spec": {
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "migrate", "image": "a/b:1", "args": ["x"]}]},
        }
    },
}
POD = "/api/v1/namespaces/airflow/pods/airflow-upgrade-check"


def test_a_cluster_without_the_release_still_tells_its_version(fake, monkeypatch):
    monkeypatch.setattr(running, "attach", lambda _: make_release(fake))
    found = running.ask(Settings())
    assert (found.image, bool(found.kubernetes), "airflow" in found.why) == ("", True, True)


def test_a_release_tells_image_values_and_objects(fake, monkeypatch):
    add_release(fake)
    fake.add_record("deployed", revision=2, manifest=yaml.safe_dump_all([JOB]), config={"env": []})
    release = make_release(fake)
    monkeypatch.setattr(running, "attach", lambda _: release)
    monkeypatch.setattr(running.image_origin, "running", lambda _: "a/b:1")
    found = running.ask(Settings())
    assert (found.image, found.config, found.why) == ("a/b:1", {"env": []}, "")
    assert [obj["kind"] for obj in found.objects] == ["Job"]


def test_a_cluster_that_does_not_answer_is_not_waited_for(monkeypatch):
    never = threading.Event()

    def hang(_):
        never.wait(30)
        raise KitError("cluster-unreachable", "too late")

    monkeypatch.setattr(running, "attach", hang)
    assert running.ask(Settings(), seconds=0.05).why == "The cluster did not answer within 0 s"
    never.set()

    def refuse(_):
        raise KitError("context-missing", "No current context is set")

    monkeypatch.setattr(running, "attach", refuse)
    assert running.ask(Settings()).why == "No current context is set"


@pytest.fixture
def here(fake):
    return Running(make_release(fake), "v1.34.4", "a/b:1", objects=[JOB])


def test_the_pod_of_the_migrate_job_tells_the_packages_and_is_removed(fake, here, monkeypatch):
    made = []

    def report(kube, namespace, pod, *_):
        made.append(pod)
        return {"airflow": "3.2.2", "removed": ["a.b"], "database": {"version": "17.6"}}, ""

    monkeypatch.setattr(running.job_pod, "report", report)
    found, why = running.taken(here, Settings())
    assert (found.airflow, found.removed, found.database["version"], why) == ("3.2.2", ("a.b",), "17.6", "")
    (container,) = made[0]["spec"]["containers"]
    assert made[0]["metadata"]["name"] == "airflow-upgrade-check"
    assert (container["image"], json.loads(container["command"][-1]), "args" in container) == (
        "a/b:1",
        {"database": True},
        False,
    )


def test_without_a_pod_the_reason_is_told(fake, here):
    fake.denied.add(("create", "pods"))
    found, why = running.taken(here, Settings())
    assert found is None
    assert "pods" in why
    assert running.taken(Running(why="no cluster"), Settings()) == (None, "no cluster")
    assert running.taken(Running(here.release, "v1", "a/b:1"), Settings())[1].startswith("Helm knows no migrate Job")
    assert POD not in fake.objects
