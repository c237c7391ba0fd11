"""`deploy --diff` on a cluster in memory: it tells what a deploy would do, and does nothing."""

import shutil

import pytest
import yaml

from kitctl.errors import KitError
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.tools.helm.client import Plan
from kitctl.usecases import deploy, deploy_diff
from tests.unit.fake_deploy import CONFIG_PATH, Steps, bring_up, rendered, yes
from tests.unit.fake_operation import as_json


def diff(settings=None):
    return as_json(deploy_diff.diff(settings or Settings(), UpOptions(), Steps(), yes))


@pytest.fixture
def running(world):
    """A release that runs, and of which nothing was written since."""
    bring_up()
    world.writes.clear()
    return world


def test_a_first_install_creates_everything(world):
    world.cluster.there = True
    report = diff()
    assert (report["changed"], report["revision"]) == (True, 0)
    assert [(o["action"], o["name"]) for o in report["objects"]] == [
        ("create", "airflow-api-server"),
        ("create", "airflow-config"),
    ]
    assert (report["restarts"], report["refused"]) == ([], [])


def test_the_same_values_change_nothing(running):
    report = diff()
    assert (report["changed"], report["objects"], report["notes"]) == (False, [], [])
    assert report["revision"] == 1
    assert running.writes == []


def test_a_new_image_is_a_field_and_a_restart(running):
    running.helm.image = "a/b:2"
    report = diff()
    (change,) = report["objects"]
    path = "spec.template.spec.containers[api-server].image"
    assert (change["action"], change["kind"]) == ("change", "Deployment")
    assert change["fields"] == [{"path": path, "old": "a/b:1", "new": "a/b:2", "lines": []}]
    assert [(r["name"], r["component"], r["pods"]) for r in report["restarts"]] == [
        ("airflow-api-server", "api-server", 1)
    ]


def test_nothing_is_written_and_nobody_is_asked(running, tmp_path):
    running.helm.image = "a/b:2"
    running.cluster.made_by_kit = False
    shutil.rmtree(tmp_path / ".kit")
    files = sorted(tmp_path.rglob("*"))
    deploy_diff.diff(Settings(), UpOptions(), Steps(), pytest.fail)
    assert running.writes == []
    assert len(running.helm.calls) == 1
    assert sorted(tmp_path.rglob("*")) == files


def test_what_somebody_changed_in_the_cluster_is_put_back(running):
    running.objects[CONFIG_PATH]["data"]["a"] = "edited"
    (change,) = diff()["objects"]
    assert change["action"] == "repair"
    assert change["fields"][0] == {"path": "data.a", "old": "edited", "new": "1", "lines": []}


def test_the_answer_is_that_of_the_deploy(running):
    """Whether the diff is empty and whether a deploy runs Helm must never differ."""
    assert diff()["changed"] is deploy.deploy(Settings(), UpOptions(), Steps(), yes).changed is False
    running.objects[CONFIG_PATH]["data"]["a"] = "edited"
    assert diff()["changed"] is deploy.deploy(Settings(), UpOptions(), Steps(), yes).changed is True
    running.helm.image = "a/b:2"
    assert diff()["changed"] is deploy.deploy(Settings(), UpOptions(), Steps(), yes).changed is True


def test_values_alone_make_a_revision(running, monkeypatch):
    monkeypatch.setattr(running.helm, "plan", lambda *_: Plan(yaml.safe_dump_all(rendered()), {"x": 1}))
    report = diff()
    assert (report["changed"], report["objects"]) == (True, [])
    assert "Only the values" in report["notes"][0]


def test_a_failed_revision_is_not_what_runs(running):
    running.add_record("failed", revision=2, manifest=yaml.safe_dump_all(rendered("a/b:9")))
    report = diff()
    assert (report["revision"], report["changed"]) == (1, True)
    assert "Revision 2 is failed" in report["notes"][0]


def test_without_a_deployed_revision_the_newest_counts(world):
    world.cluster.there = True
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    labels = "# app.kubernetes.io/part-of: airflow-kit\n"
    world.add_record("failed", revision=1, manifest=labels + yaml.safe_dump_all(rendered("a/b:0")))
    world.add_record("pending-upgrade", revision=2, manifest=labels)
    assert diff()["revision"] == 1


def test_what_kubernetes_refuses_is_listed_beside_the_rest(running):
    running.helm.image = "a/b:2"
    running.objects[CONFIG_PATH]["data"]["a"] = "edited"
    running.refused["airflow-config"] = "the quota is full"
    report = diff()
    assert len(report["objects"]) == 2
    (refused,) = report["refused"]
    assert (refused["name"], refused["recreate"], refused["reason"]) == ("airflow-config", [], "the quota is full")


def test_a_field_that_cannot_change_must_be_recreated(running, monkeypatch):
    server, config = rendered()
    moved = {**server, "spec": {**server["spec"], "selector": {"matchLabels": {"a": "1"}}}}
    monkeypatch.setattr(running.helm, "plan", lambda *_: Plan(yaml.safe_dump_all([moved, config]), {}))
    running.refused["airflow-api-server"] = "field is immutable"
    (refused,) = diff()["refused"]
    assert refused["recreate"] == ["spec.selector.matchLabels.a"]
    assert refused["fix"] == "kubectl -n airflow delete deployment airflow-api-server"


def test_a_release_of_another_chart_is_refused(world):
    world.cluster.there = True
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    world.add_record("deployed", manifest="kind: Pod")
    with pytest.raises(KitError) as raised:
        diff()
    assert raised.value.id == "release-not-ours"
