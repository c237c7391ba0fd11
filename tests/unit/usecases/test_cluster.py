"""`kitctl cluster create` and `delete`: what is done, and what a dry run says."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from kitctl.clusters import choice, node
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import PLAIN
from kitctl.model.settings import Settings
from kitctl.usecases import cluster
from tests.unit.fake_operation import as_json


class Steps:
    def __init__(self) -> None:
        self.said: list[str] = []

    def step(self, name: str) -> nullcontext[None]:
        return nullcontext()

    def note(self, line: str) -> None:
        self.said.append(line)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    return tmp_path


@pytest.fixture
def deleted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(node.NodeCluster, "delete", lambda self, progress: names.append(self.name))
    return names


def yes(_: str) -> bool:
    return True


def never(question: str) -> bool:
    raise AssertionError(f"asked: {question}")


def test_deleting_what_is_not_there_is_fine(deleted: list[str]) -> None:
    steps = Steps()
    assert as_json(cluster.delete(Settings(), steps, yes)) == {"cluster": "kitctl-node", "deleted": False}
    assert steps.said == ["there is no cluster kitctl-node"]
    assert deleted == []


@pytest.mark.parametrize("provider", ["auto", "node"])
def test_deleting_tells_whether_there_was_one(machine: Path, deleted: list[str], provider: str) -> None:
    settings = Settings(provider=provider, cluster="mine")
    assert as_json(cluster.delete(settings, Steps(), yes))["deleted"] is False
    (machine / "mine").mkdir()
    assert as_json(cluster.delete(settings, Steps(), yes))["deleted"] is True
    # A provider that was named also clears what an interrupted creation left.
    assert deleted == (["mine"] if provider == "auto" else ["mine", "mine"])


def test_a_dry_run_says_what_would_be_deleted(machine: Path, deleted: list[str]) -> None:
    settings = Settings(cluster="mine", dry_run=True)
    assert as_json(cluster.delete(settings, Steps(), never)) == {"dry_run": True, "would": []}
    (machine / "mine").mkdir()
    would = ["delete the cluster mine with all its data"]
    assert as_json(cluster.delete(settings, Steps(), never)) == {"dry_run": True, "would": would}
    assert deleted == []


def test_no_is_an_answer(machine: Path, deleted: list[str]) -> None:
    (machine / "kitctl-node").mkdir()
    with pytest.raises(KitError) as caught:
        cluster.delete(Settings(), Steps(), lambda _: False)
    assert caught.value.id == "declined"
    assert deleted == []


@pytest.mark.parametrize("provider", ["auto", "node"])
def test_a_name_that_no_cluster_may_have_is_refused_before_the_question(provider: str) -> None:
    with pytest.raises(KitError) as caught:
        cluster.delete(Settings(provider=provider, cluster="../../etc"), Steps(), never)
    assert (caught.value.id, caught.value.code) == ("cluster-name-invalid", ExitCode.USAGE)


@pytest.mark.parametrize("dry_run", [True, False])
def test_deleting_somebodys_cluster_is_refused_before_the_question(
    machine: Path, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    monkeypatch.setattr(choice, "current_context", lambda _: "kitctl-node")
    (machine / "kitctl-node").mkdir()
    with pytest.raises(KitError) as caught:
        cluster.delete(Settings(provider="existing", dry_run=dry_run), Steps(), never)
    assert caught.value.id == "cluster-not-ours"


def test_creating_reports_and_a_dry_run_creates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(node.NodeCluster, "create", lambda self, progress, wanted: made.append(self.name))
    monkeypatch.setattr(node.NodeCluster, "exists", lambda self: bool(made))
    settings = Settings(provider="node", cluster="mine")
    known = {"cluster": "mine", "provider": "node", "context": "mine"}
    assert as_json(cluster.create(Settings(provider="node", cluster="mine", dry_run=True), PLAIN, Steps())) == {
        **known,
        "running": False,
    }
    assert as_json(cluster.create(settings, PLAIN, Steps())) == {**known, "running": True}
