"""`up --diff` on a cluster in memory: it tells what `up` would do, and makes no cluster, no image and no object."""

import pytest

from kitctl import clusters
from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import image_choice
from kitctl.usecases import up_diff
from tests.unit.fake_deploy import CONFIG_PATH, Steps, bring_up
from tests.unit.fake_operation import as_json


def diff(settings=None, options=None):
    return as_json(up_diff.diff(settings or Settings(), options or UpOptions(), Steps(), pytest.fail))


@pytest.fixture
def running(world):
    bring_up()
    world.writes.clear()
    return world


def test_without_a_cluster_all_objects_are_created(world, monkeypatch):
    monkeypatch.setattr(clusters, "made", lambda *_: False)
    report = diff()
    assert (report["changed"], report["revision"]) == (True, 0)
    assert {o["action"] for o in report["objects"]} == {"create"}
    assert ("Deployment", "airflow-scheduler") in {(o["kind"], o["name"]) for o in report["objects"]}
    assert report["notes"] == ["The cluster kitctl-node does not exist: kitctl up would create it first"]
    assert (world.cluster.created, world.writes) == (0, [])


def test_a_cluster_that_stopped_is_not_called_empty(world, monkeypatch):
    monkeypatch.setattr(clusters, "made", lambda *_: True)
    with pytest.raises(KitError) as raised:
        diff()
    assert (raised.value.id, raised.value.code) == ("cluster-not-answering", ExitCode.UNREACHABLE)
    assert "kitctl cluster create" in raised.value.fix


def test_the_answer_is_that_of_up(running):
    assert diff()["changed"] is bring_up()["changed"] is False
    running.objects[CONFIG_PATH]["data"]["a"] = "edited"
    assert diff()["changed"] is bring_up()["changed"] is True


def test_what_would_change_is_shown_and_nothing_is_written(running, tmp_path):
    running.helm.image = "a/b:2"
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (change,) = diff()["objects"]
    assert (change["action"], change["fields"][0]["new"]) == ("change", "a/b:2")
    assert running.writes == []
    assert len(running.helm.calls) == 1
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files


def test_images_are_named_and_not_built(running, monkeypatch):
    seen = []

    def provide(*_, dry_run, **__):
        seen.append(dry_run)
        return Choice("kitctl.local/airflow:2", "3.3.2")

    monkeypatch.setattr(image_choice, "provide", provide)
    diff()
    assert seen == [True]
