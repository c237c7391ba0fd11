"""Archives of images, the clusters that they are loaded into, registries."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.images import recipes, store
from kitctl.model.settings import Settings
from tests.unit.fake_builder import FakeBuilder
from tests.unit.fake_images import make, silent


@dataclass
class FakeCluster:
    name: str = "kitctl-node"
    held: set[str] = field(default_factory=set)
    origin: dict[str, str] = field(default_factory=dict)
    running: bool = True

    def exists(self) -> bool:
        return self.running

    def has_image(self, reference: str) -> bool:
        return reference in self.held

    def load_image(self, reference: str, archive: Path, progress: object) -> None:
        assert archive.read_text() == reference
        self.held.add(reference)
        self.origin[reference] = archive.stem

    def loaded_from(self, reference: str) -> str:
        return self.origin.get(reference, "")


def test_an_image_is_saved_once_and_loaded_once(tool: FakeBuilder) -> None:
    cluster, reference = FakeCluster(), make(None).image
    assert [recipes.load(cluster, reference, silent) for _ in range(2)] == [True, False]  # type: ignore[arg-type]
    recipes.load(FakeCluster(), reference, silent)  # type: ignore[arg-type]
    assert tool.saved == 1


def test_a_name_that_moves_gets_an_archive_per_content(tool: FakeBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    tool.images["docker.io/library/postgres:17"] = {}
    first = recipes.archive("postgres:17")
    monkeypatch.setattr(tool, "image_id", lambda reference: "moved0000000")
    assert recipes.archive("postgres:17") != first


def test_a_tag_that_was_built_again_is_loaded_again(tool: FakeBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster()
    tool.images["docker.io/team/flow:1"] = {}
    assert [recipes.load(cluster, "team/flow:1", silent) for _ in range(2)] == [True, False]  # type: ignore[arg-type]
    before = store.revision("team/flow:1")
    monkeypatch.setattr(tool, "image_id", lambda reference: "moved0000000cafe")
    assert [recipes.load(cluster, "team/flow:1", silent) for _ in range(2)] == [True, False]  # type: ignore[arg-type]
    assert store.revision("team/flow:1") == "moved0000000" != before


def test_a_name_made_from_content_needs_no_revision(tool: FakeBuilder) -> None:
    assert store.revision(make(None).image) == ""
    assert store.revision("nowhere:1") == ""


def test_old_archives_of_a_repository_are_deleted(tool: FakeBuilder, dags: Path) -> None:
    own = recipes.archive(make(None).image)
    paths = []
    for n in range(5):
        (dags / "a.py").write_text(str(n))
        paths.append(recipes.archive(make(dags).image))
    assert [p.exists() for p in paths] == [False, False, True, True, True]
    assert own.exists()


def test_an_image_that_is_nowhere_is_named(tool: FakeBuilder) -> None:
    with pytest.raises(KitError) as error:
        recipes.archive("nowhere:1")
    assert error.value.id == "image-missing"
    with pytest.raises(KitError) as error:
        recipes.push("nowhere:1")
    assert error.value.id == "image-missing"


def test_the_running_cluster_of_a_provider_that_loads_images_is_found(
    tool: FakeBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, reference = FakeCluster(), make(None).image
    monkeypatch.setattr(store.clusters, "providers", lambda: ["existing", "node"])
    monkeypatch.setattr(store.clusters, "get", lambda provider, name: cluster)
    assert recipes.load_into(Settings(dry_run=True), reference, silent) == (reference, False, "kitctl-node")
    assert recipes.load_into(Settings(), reference, silent) == (reference, True, "kitctl-node")
    cluster.running = False
    with pytest.raises(KitError) as error:
        recipes.load_into(Settings(), reference, silent)
    assert error.value.id == "cluster-missing"
    assert recipes.load_into(Settings(provider="node"), reference, silent)[1] is False


def test_what_a_provider_said_stands_in_the_error_of_a_missing_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(provider: str, name: str) -> None:
        raise KitError("provider-broken", "It needs root")

    monkeypatch.setattr(store.clusters, "providers", lambda: ["node"])
    monkeypatch.setattr(store.clusters, "get", get)
    with pytest.raises(KitError) as error:
        recipes.load_into(Settings(), "a:1", silent)
    assert "node: It needs root" in error.value.cause
