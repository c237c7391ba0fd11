"""A dry run asks all that `up` would ask, tells what it would do, and writes nothing."""

from pathlib import Path

import pytest

from kitctl import clusters
from kitctl.errors import KitError
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.model.values.dags import DagMode
from kitctl.release import operation
from kitctl.release.preflight import machine
from tests.unit.fake_deploy import bring_up


def test_a_dry_run_without_a_cluster_tells_the_story(world):
    report = bring_up(Settings(dry_run=True))
    assert report["dry_run"] is True
    assert "kitctl-node" in report["would"][0]
    assert world.cluster.created == 0


def test_a_dry_run_does_not_promise_to_make_a_cluster_that_stopped(world, monkeypatch):
    monkeypatch.setattr(clusters, "made", lambda *_: True)
    assert bring_up(Settings(dry_run=True))["would"][0] == "start the cluster kitctl-node again"


def test_a_dry_run_promises_to_make_no_cluster_of_somebody_else(world, monkeypatch):
    world.cluster.made_by_kit = False

    def refuse(*_):
        raise KitError("context-missing", "no such context")

    monkeypatch.setattr(operation.Kube, "connect", refuse)
    with pytest.raises(KitError) as raised:
        bring_up(Settings(dry_run=True))
    assert raised.value.id == "context-missing"


def test_a_dry_run_on_a_cluster_lists_the_objects_and_writes_none(world):
    world.cluster.there = True
    report = bring_up(Settings(dry_run=True))
    assert "write Deployment airflow-api-server" in report["would"]
    assert world.writes == []
    assert world.helm.calls == []


def test_the_dag_folder_of_a_project_is_no_mistake_in_a_mode_that_reads_another(world, dags):
    options = UpOptions(dags=dags, dag_mode=DagMode.PVC)
    settings = Settings(dry_run=True, from_project=frozenset({"dags"}))
    assert bring_up(settings, options)["dry_run"] is True
    with pytest.raises(KitError, match="--dags puts a folder into the image"):
        bring_up(Settings(dry_run=True), options)


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("node-needs-root", UpOptions()),
        ("builder-unknown", UpOptions(builder="bogus")),
        ("builder-missing", UpOptions()),
        ("ca-bundle-missing", UpOptions(ca_bundle=Path("nowhere.pem"))),
    ],
)
def test_a_dry_run_asks_the_machine_what_up_would_ask(world, monkeypatch, what, options):
    def no(*_):
        raise KitError(what, "no")

    if what == "node-needs-root":
        monkeypatch.setattr(machine.clusters, "check", no)
    if what == "builder-missing":
        monkeypatch.setattr(machine.builder, "find", no)
    with pytest.raises(KitError) as raised:
        bring_up(Settings(dry_run=True), options)
    assert raised.value.id == what
    assert world.writes == []


def test_a_dry_run_tells_that_a_cluster_elsewhere_takes_no_images(world, tmp_path):
    (tmp_path / "dag.py").write_text("from airflow.sdk import DAG\nDAG('a')\n")
    world.cluster.made_by_kit, world.cluster.there = False, True
    with pytest.raises(KitError) as raised:
        bring_up(Settings(dry_run=True), UpOptions(dags=tmp_path))
    assert raised.value.id == "image-load-unsupported"


def test_a_dry_run_on_a_cluster_elsewhere_needs_no_builder(world, monkeypatch):
    world.cluster.made_by_kit, world.cluster.there = False, True
    monkeypatch.setattr(machine.builder, "find", lambda *_: pytest.fail("asked"))
    assert bring_up(Settings(dry_run=True))["dry_run"] is True
