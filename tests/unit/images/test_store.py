"""Archives of images, the clusters that they are loaded into, registries."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kitctl.clusters import choice, node
from kitctl.errors import KitError
from kitctl.images import recipes, store
from kitctl.model.settings import Settings
from kitctl.tools.process import Result
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


def test_two_at_once_save_an_image_once_and_both_get_it_whole(
    tool: FakeBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference, both, got = make(None).image, threading.Barrier(2), []

    def save(name: str, archive: Path) -> None:
        tool.saved += 1
        for letter in name:  # as a real builder: in pieces
            with archive.open("a") as out:
                out.write(letter)
            time.sleep(0.001)

    def load() -> None:
        both.wait()
        got.append(recipes.archive(reference).read_text())

    monkeypatch.setattr(tool, "save", save)
    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, tool.saved) == ([reference] * 2, 1)


def test_an_image_that_is_nowhere_is_named(tool: FakeBuilder) -> None:
    with pytest.raises(KitError) as error:
        recipes.archive("nowhere:1")
    assert error.value.id == "image-missing"
    with pytest.raises(KitError) as error:
        recipes.push("nowhere:1")
    assert error.value.id == "image-missing"


def test_a_registry_that_cannot_be_asked_is_told_in_the_words_of_the_builder(
    tool: FakeBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "pull", lambda _: Result(125, "", "dial tcp: i/o timeout"))
    with pytest.raises(KitError) as error:
        recipes.archive("nowhere:1")
    assert error.value.cause == "dial tcp: i/o timeout"
    assert "could not be pulled" in error.value.message


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeCluster]:
    """Nodes of the kit, all running; a folder makes each known. The current context is somebody else's."""
    found = {name: FakeCluster(name) for name in ("kitctl-node", "other-node")}
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path / "state"))
    for name in found:
        (tmp_path / "state" / name).mkdir(parents=True)
    for verb in ("exists", "has_image", "loaded_from", "load_image"):
        monkeypatch.setattr(node.NodeCluster, verb, _of(found, verb))
    monkeypatch.setattr(choice, "current_context", lambda _: "prod")
    return found


def _of(found: dict[str, FakeCluster], verb: str) -> object:
    return lambda self, *arguments: getattr(found[self.name], verb)(*arguments)


def test_an_image_is_loaded_into_the_cluster_of_the_named_context(
    tool: FakeBuilder, nodes: dict[str, FakeCluster]
) -> None:
    reference = make(None).image
    settings = Settings(context="other-node")
    assert recipes.load_into(settings, reference, silent) == (reference, True, "other-node")
    assert (nodes["other-node"].held, nodes["kitctl-node"].held) == ({reference}, set())


def test_without_a_name_the_running_cluster_of_the_kit_is_meant(
    tool: FakeBuilder, nodes: dict[str, FakeCluster]
) -> None:
    reference = make(None).image
    assert recipes.load_into(Settings(dry_run=True), reference, silent) == (reference, False, "kitctl-node")
    assert recipes.load_into(Settings(), reference, silent) == (reference, True, "kitctl-node")
    nodes["kitctl-node"].running = False
    with pytest.raises(KitError) as error:
        recipes.load_into(Settings(), reference, silent)
    assert error.value.id == "cluster-missing"
    assert recipes.load_into(Settings(provider="node"), reference, silent)[1] is False


def test_a_cluster_of_the_kit_loads_images_also_by_its_context(
    tool: FakeBuilder, nodes: dict[str, FakeCluster]
) -> None:
    settings = Settings(provider="existing", context="other-node")
    assert recipes.load_into(settings, make(None).image, silent)[1:] == (True, "other-node")


def test_a_cluster_of_somebody_else_is_refused_before_an_archive_is_written(
    tool: FakeBuilder, nodes: dict[str, FakeCluster]
) -> None:
    reference = make(None).image
    for dry_run in (True, False):
        with pytest.raises(KitError) as error:
            recipes.load_into(Settings(context="prod", dry_run=dry_run), reference, silent)
        assert error.value.id == "image-load-unsupported"
    assert tool.saved == 0


def test_no_cluster_on_this_machine_is_told_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: Path | None) -> str:
        raise KitError("context-missing", "No current kube context is set")

    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    monkeypatch.setattr(choice, "current_context", lambda _: "prod")
    with pytest.raises(KitError) as error:
        recipes.load_into(Settings(), "a:1", silent)
    assert error.value.id == "cluster-missing"
    assert "kitctl did not make prod" in error.value.cause
    monkeypatch.setattr(choice, "current_context", none)
    with pytest.raises(KitError) as error:
        recipes.load_into(Settings(), "a:1", silent)
    assert error.value.id == "cluster-missing"
    assert "No current kube context is set" in error.value.cause


def test_the_digest_of_a_pushed_image_is_written_to_a_file(tool: FakeBuilder, tmp_path: Path) -> None:
    tool.images["example.com/x:1"] = {}
    _, digest = recipes.push("example.com/x:1", "auto", tmp_path / "digest")
    assert (tmp_path / "digest").read_text() == f"{digest}\n"


def test_an_unknown_digest_and_a_file_that_cannot_be_written_are_errors(
    tool: FakeBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.images["example.com/x:1"] = {}
    with pytest.raises(KitError) as error:
        recipes.push("example.com/x:1", "auto", tmp_path / "absent" / "digest")
    assert (error.value.id, int(error.value.code)) == ("digest-file-unwritable", 2)
    assert "sha256:" in error.value.cause
    monkeypatch.setattr(tool, "push", lambda reference: "")
    with pytest.raises(KitError) as error:
        recipes.push("example.com/x:1", "auto", tmp_path / "digest")
    assert error.value.id == "digest-unknown"
    assert not (tmp_path / "digest").exists()
    assert recipes.push("example.com/x:1") == ("example.com/x:1", "")
