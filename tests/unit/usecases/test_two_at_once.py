"""Two kitctl at once on a release: the second waits, and goes on from what the first one made."""

from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from kitctl.errors import KitError
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import image_choice
from kitctl.tools import release_lock
from kitctl.usecases import deploy, down
from tests.unit.fake_deploy import Steps, bring_up, yes
from tests.unit.fake_down import LABELS, claim
from tests.unit.fake_operation import Clock

KIT = "app.kubernetes.io/part-of: airflow-kit"


def config(tag):
    return {"image": {"repository": "registry/dags", "tag": tag}}


@pytest.fixture
def other(monkeypatch):
    """Let another kitctl hold the release first; `other.append(act)` is what it does until it lets go."""
    acts, held = [], release_lock.held

    @contextmanager
    def after_the_other(*args):
        for act in acts:
            act()
        with held(*args):
            yield

    monkeypatch.setattr(release_lock, "held", after_the_other)
    return acts


@pytest.fixture
def given(world, monkeypatch):
    """The images that Helm was told to install, one for each call."""
    world.cluster.there = True
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    found, install = [], world.helm.upgrade_install

    def upgrade_install(chart, release, namespace, sources, **more):
        layers = [yaml.safe_load(Path(file).read_text()) or {} for file in sources.files]
        found.append([layer["image"]["tag"] for layer in layers if "image" in layer][-1])
        install(chart, release, namespace, sources, **more)

    monkeypatch.setattr(world.helm, "upgrade_install", upgrade_install)
    monkeypatch.setattr(image_choice, "provide", lambda *_, kept, **__: kept)
    return found


@pytest.mark.parametrize("verb", [lambda: deploy.deploy(Settings(), UpOptions(), Steps(), yes), bring_up])
def test_the_second_keeps_the_image_that_the_first_one_brought(world, other, given, verb):
    world.add_record("deployed", manifest=KIT, config=config("old"))
    other.append(lambda: world.add_record("deployed", revision=2, manifest=KIT, config=config("new")))
    verb()
    assert given == ["new"]


def test_down_removes_what_the_first_one_made_meanwhile(installed, other):
    other.append(lambda: installed.add(claim("airflow-dags", "dags", **LABELS)))
    report = down.down(Settings(), Steps(), yes, volumes=True)
    assert "PersistentVolumeClaim airflow-dags" in report.removed


def test_down_that_only_looks_waits_for_nobody(installed, other):
    other.append(lambda: pytest.fail("waited"))
    down.down(Settings(dry_run=True), Steps(), yes)


@pytest.mark.parametrize(
    "look",
    [
        lambda: deploy.deploy(Settings(dry_run=True), UpOptions(), Steps(), yes),
        lambda: bring_up(Settings(dry_run=True)),
    ],
)
def test_a_dry_run_waits_for_nobody_and_makes_no_lock_file(world, other, given, tmp_path, look):
    world.add_record("deployed", manifest=KIT, config=config("old"))
    other.append(lambda: pytest.fail("waited"))
    look()
    assert not (tmp_path / "locks").exists()
    assert given == []


def test_releases_of_one_name_do_not_share_the_files_of_a_folder(world, given, tmp_path):
    # `.kit/airflow` is named after the release: dev and prod of one project both write there.
    waited = Steps()
    with (
        release_lock.folder_held(tmp_path / ".kit" / "airflow", waited.note, Clock().deadline(5)),
        pytest.raises(KitError) as raised,
    ):
        bring_up(Settings(namespace="prod", timeout=5))
    assert raised.value.id == "release-locked"
    assert str(tmp_path / ".kit" / "airflow") in raised.value.message
    assert not (tmp_path / ".kit").exists()
