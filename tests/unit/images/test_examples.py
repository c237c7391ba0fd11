"""The image of the example task that needs one more program: when it is built, when not, and what a failure stops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kitctl.errors import KitError
from kitctl.images import examples, store
from kitctl.images.building import ImageOptions
from kitctl.model.image_ref import made_from_content
from kitctl.model.user_values import UserValues
from kitctl.model.versions import data_dir
from kitctl.tools.builders import builder
from tests.unit.fake_builder import FakeBuilder

BASE = "kitctl.local/dags:1"
NONE = UserValues()


class Cluster:
    name = "kitctl-node"

    def __init__(self) -> None:
        self.held: list[str] = []

    def has_image(self, reference: str) -> bool:
        return reference in self.held

    def load_image(self, reference: str, archive: Path, progress: object) -> None:
        self.held.append(reference)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBuilder]:
    tool = FakeBuilder()
    tool.images[BASE] = {}
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(builder, "find", lambda chosen="": tool)
    yield tool


def bring(cluster: Cluster, notes: list[str] | None = None, base: str = BASE, **more: Any) -> str:
    dags = more.get("dags", data_dir("dags"))
    note = (notes if notes is not None else []).append
    return examples.bring_special(
        cluster,  # type: ignore[arg-type]
        dags,
        (base, "3.3.2"),
        more.get("user", NONE),
        ImageOptions(),
        note,
    )


def test_the_examples_get_it_built_on_the_releases_image_and_loaded_once(fake: FakeBuilder) -> None:
    cluster, notes = Cluster(), list[str]()
    reference = bring(cluster, notes)
    assert cluster.held == [reference]
    assert fake.orders[0].args["BASE_IMAGE"] == BASE
    assert made_from_content(reference)
    said = len(notes)
    assert bring(cluster, notes) == reference
    assert (len(fake.orders), len(notes)) == (1, said)


def test_a_node_that_holds_it_needs_nothing_even_if_the_builder_forgot_it(fake: FakeBuilder) -> None:
    cluster = Cluster()
    reference = bring(cluster)
    del fake.images[reference]
    store.archive_path(reference).unlink()
    assert bring(cluster) == reference
    assert len(fake.orders) == 1


def test_other_dags_below_it_give_another_image(fake: FakeBuilder) -> None:
    cluster = Cluster()
    fake.images["kitctl.local/dags:2"] = {}
    assert bring(cluster) != bring(cluster, base="kitctl.local/dags:2")


def test_a_folder_without_that_task_needs_none(fake: FakeBuilder, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("dag = DAG('mine')")
    assert bring(Cluster(), dags=tmp_path) == bring(Cluster(), dags=None) == ""
    assert fake.orders == []


def test_a_copy_of_the_task_gets_it_too(fake: FakeBuilder, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("image = os.environ['EXAMPLE_SPECIAL_IMAGE']")
    assert bring(Cluster(), dags=tmp_path)


@pytest.mark.parametrize(
    "user",
    [
        UserValues({"env": [{"name": "EXAMPLE_SPECIAL_IMAGE", "value": "mine"}]}),
        UserValues({"dags": {"specialImage": ""}}),
        UserValues({"dags": {"specialImage": "mine"}}),
    ],
)
def test_an_image_that_the_user_names_is_theirs(fake: FakeBuilder, user: UserValues) -> None:
    assert bring(Cluster(), user=user) == ""
    assert fake.orders == []


def test_other_environment_of_the_users_does_not_matter(fake: FakeBuilder) -> None:
    assert bring(Cluster(), user=UserValues({"env": [{"name": "A", "value": "1"}]}))
    assert bring(Cluster(), user=UserValues({"env": None}))


def test_a_failure_is_one_line_and_stops_nothing(fake: FakeBuilder) -> None:
    notes: list[str] = []
    fake.output = "E: Unable to locate package zip"
    assert bring(Cluster(), notes) == ""
    assert notes[-1].startswith("the example task special_image will be skipped")
    assert "\n" not in notes[-1]


def test_a_machine_without_a_builder_is_told_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(chosen: str = "") -> builder.Builder:
        raise KitError("builder-missing", "No image builder answers", cause="none", fix="apt-get install buildah")

    monkeypatch.setattr(builder, "find", none)
    notes: list[str] = []
    assert bring(Cluster(), notes) == ""
    assert "No image builder answers" in notes[-1]
