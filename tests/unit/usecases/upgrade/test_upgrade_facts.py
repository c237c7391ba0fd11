"""Where the facts of `kitctl upgrade-check` come from, and that each is made once."""

import pytest
from packaging.version import Version

from kitctl.errors import KitError
from kitctl.images import dag_import, inventory, recipes, versions
from kitctl.images.building import Built
from kitctl.images.inventory import Inventory
from kitctl.model.settings import Settings
from kitctl.model.upgrade.findings import NotPossibleError
from kitctl.model.user_values import UserValues
from kitctl.release import image_origin
from kitctl.release.upgrade import running as cluster
from kitctl.release.upgrade.running import Running
from kitctl.usecases.upgrade.upgrade_facts import Facts
from kitctl.usecases.upgrade.wish import Wish

HERE = Running(image="docker.io/apache/airflow:3.2.2", objects=[])


@pytest.fixture
def known(monkeypatch):
    """Return a maker of facts whose cluster answers as it is told, and whose index knows two versions."""

    def make(running=None, user=None, settings=None, **wish):
        found = Facts(settings or Settings(), Wish(**{"to": "3.3.2", **wish}), lambda _: None)
        found._made["published"] = {Version("3.3.2"): [], Version("3.2.2"): []}
        found._made["running"] = running or Running(why="no cluster")
        found.__dict__["user"] = UserValues(user or {})
        return found

    return make


def test_the_version_of_today_comes_from_the_release_then_the_values_then_kitctl(known, monkeypatch):
    monkeypatch.setattr(cluster, "taken", lambda *_: (Inventory("3.2.3"), ""))
    assert known(HERE, {"airflowVersion": "3.3.0"}).current == (Version("3.2.3"), "The release airflow runs")
    monkeypatch.setattr(cluster, "taken", lambda *_: (None, "no pod may be made"))
    assert known(HERE).current[0] == Version("3.2.2")
    assert known(user={"airflowVersion": "3.3.0"}).current == (Version("3.3.0"), "The values name")
    assert known(image="apache/airflow:3.2.2").current == (Version("3.2.2"), "--image has")
    assert known(user={"image": {"repository": "x/airflow", "tag": "3.2.2"}}).current[0] == Version("3.2.2")
    assert known(user={"image": {"repository": "x/mine", "tag": "7"}}).current[0] is None
    assert known().current == (Version("3.3.2"), "This kitctl installs")


def test_the_target_is_as_published_and_offline_as_it_was_typed(known):
    assert str(known(to="3.3.2").target) == "3.3.2"
    with pytest.raises(KitError, match="airflow-version-unknown"):
        _ = known(to="3.3.9").target
    offline = known(to="3.3.9")
    offline._made["published"] = KitError("index-unreachable", "away")
    assert str(offline.target) == "3.3.9"


def test_a_build_that_fails_is_not_tried_again(known, monkeypatch):
    tried = []

    def build(*_, options, **__):
        tried.append(options.airflow_version)
        raise KitError("image-build-failed", "no")

    monkeypatch.setattr(recipes, "build", build)
    one = known()
    for _ in range(2):
        with pytest.raises(KitError, match="image-build-failed"):
            _ = one.new
    assert tried == ["3.3.2"]


def test_requirements_of_the_image_that_runs_stay_without_others(known, monkeypatch, tool, tmp_path):
    seen = []

    def build(dags, requirements, *_, **__):
        seen.append(requirements and requirements.read_text())
        return Built("new:1", "3.3.2", True, "b")

    monkeypatch.setattr(recipes, "build", build)
    origin = image_origin.Origin("kitctl.local/airflow:3.2.2-1", "pandas\n")
    monkeypatch.setattr(image_origin, "origin", lambda *_: origin)
    thin, mine = Running(image="kitctl.local/dags:1"), tmp_path / "requirements.txt"
    mine.write_text("polars\n")
    for one in (known(thin), known(thin, requirements=mine), known(HERE)):
        assert one.image == "new:1"
    assert seen == ["pandas\n", "polars\n", None]

    def away(*_):
        raise KitError("running-image-away", "it is not here")

    monkeypatch.setattr(image_origin, "origin", away)
    assert known(thin).image == "new:1"
    assert seen[-1] is None


def test_nothing_is_built_or_made_where_that_is_not_wanted(known, monkeypatch):
    monkeypatch.setattr(recipes, "build", lambda *_, **__: pytest.fail("built"))
    monkeypatch.setattr(cluster, "ask", lambda *_: pytest.fail("asked"))
    monkeypatch.setattr(cluster, "taken", lambda *_: pytest.fail("made a pod"))
    for one in (known(use_image=False), known(settings=Settings(dry_run=True))):
        with pytest.raises(NotPossibleError, match=r"no image|builds no image"):
            _ = one.image
    with pytest.raises(NotPossibleError, match="makes no pod"):
        _ = known(HERE, settings=Settings(dry_run=True)).old
    without = known(use_cluster=False)
    del without._made["running"]
    assert "--no-cluster" in without.running.why


def test_an_image_with_another_version_is_refused(known, monkeypatch):
    monkeypatch.setattr(dag_import, "image_for", lambda *_: "docker.io/x/y:1")
    monkeypatch.setattr(versions, "airflow_version", lambda *_: "3.2.2")
    with pytest.raises(KitError, match="upgrade-image-other-version"):
        _ = known(new_image="x/y:1").image
    assert known(to="3.2.2", new_image="x/y:1").image == "docker.io/x/y:1"


def test_the_image_of_today_is_the_named_one_or_the_kits_own_if_it_is_here(known, monkeypatch, tool):
    monkeypatch.setattr(
        recipes, "build", lambda *_, options, **__: Built(f"kit:{options.airflow_version}", "", False, "")
    )
    monkeypatch.setattr(inventory, "of_image", Inventory)
    tool.images["docker.io/x/airflow:3.2.2"] = tool.images["kit:3.3.0"] = {"id": "1"}
    assert known(image="x/airflow:3.2.2").old_image.airflow == "docker.io/x/airflow:3.2.2"
    assert known(user={"airflowVersion": "3.3.0"}).old_image.airflow == "kit:3.3.0"
    with pytest.raises(NotPossibleError, match="not on this machine either"):
        _ = known(user={"airflowVersion": "3.2.2"}).old_image
    with pytest.raises(NotPossibleError, match="no cluster"):
        _ = known(user={"airflowVersion": "3.3.0"}, use_image=False).old_image
