"""Which cluster the options mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl import clusters
from kitctl.clusters import node
from kitctl.errors import ExitCode, KitError
from kitctl.tools.process import Result
from kitctl.usecases import cluster


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no cluster, a current context `prod`, and root on Linux."""
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    monkeypatch.setattr(node, "usable", lambda: True)
    monkeypatch.setattr(clusters, "ranked", lambda: ["node", "existing"])
    monkeypatch.setattr(cluster, "tool", lambda name: Path("/bin") / name)
    monkeypatch.setattr(cluster, "run", lambda *_, **__: Result(0, "prod\n", ""))
    return tmp_path


def chosen(provider: str = "auto", name: str = "kitctl-node", context: str | None = None) -> tuple[str, str]:
    found = cluster.pick(provider, name, context)
    return found.provider, found.name


def test_auto_makes_a_cluster_of_its_own_rather_than_touching_somebodys() -> None:
    assert chosen() == ("node", "kitctl-node")


def test_auto_falls_back_to_the_current_context_where_no_cluster_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "usable", lambda: False)
    assert chosen() == ("existing", "prod")


def test_a_cluster_that_was_made_is_found_also_without_rights(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "usable", lambda: False)
    (machine / "kitctl-node").mkdir()
    assert chosen() == ("node", "kitctl-node")


def test_a_named_context_is_taken_as_it_is(machine: Path) -> None:
    assert chosen(context="staging") == ("existing", "staging")
    (machine / "kitctl-e2e").mkdir()
    assert chosen(context="kitctl-e2e") == ("node", "kitctl-e2e")


def test_a_named_provider_wins() -> None:
    assert chosen("existing") == ("existing", "prod")
    assert chosen("existing", context="staging") == ("existing", "staging")
    assert chosen("node", "mine") == ("node", "mine")


def test_no_context_at_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "run", lambda *_, **__: Result(1, "", "error: current-context is not set"))
    with pytest.raises(KitError) as caught:
        chosen("existing")
    assert (caught.value.id, caught.value.code) == ("context-missing", ExitCode.UNREACHABLE)


def test_deleting_what_is_not_there_is_fine() -> None:
    said: list[str] = []
    assert cluster.delete("auto", "kitctl-node", said.append) is False
    assert said == ["there is no cluster kitctl-node"]


@pytest.mark.parametrize("provider", ["auto", "node"])
def test_deleting_tells_whether_there_was_one(machine: Path, monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    monkeypatch.setattr(node.NodeCluster, "delete", lambda self, progress: None)
    assert cluster.delete(provider, "mine", lambda _: None) is False
    (machine / "mine").mkdir()
    assert cluster.delete(provider, "mine", lambda _: None) is True


@pytest.mark.parametrize("provider", ["auto", "node"])
def test_a_name_that_no_cluster_may_have_is_not_deleted(provider: str) -> None:
    with pytest.raises(KitError) as caught:
        cluster.delete(provider, "../../etc", lambda _: None)
    assert (caught.value.id, caught.value.code) == ("cluster-name-invalid", ExitCode.USAGE)


def test_deleting_somebodys_cluster_is_refused() -> None:
    with pytest.raises(KitError) as caught:
        cluster.delete("existing", "kitctl-node", lambda _: None)
    assert caught.value.id == "cluster-not-ours"
