"""Which cluster the options mean, for commands that may create one and for those that need one that exists."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

import kitctl
from kitctl import clusters
from kitctl.clusters import choice, node
from kitctl.clusters.base import Cluster
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.tools.kube import contexts

BOTH = [choice.cluster, choice.present]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no cluster, a current context `prod`, and root on Linux."""
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    monkeypatch.setattr(node, "usable", lambda: True)
    current(monkeypatch, "prod")
    return tmp_path


def current(monkeypatch: pytest.MonkeyPatch, context: str) -> None:
    monkeypatch.setattr(choice, "current_context", lambda _: context)


def found(settings: Settings, choose: Callable[[Settings], Cluster] = choice.cluster) -> tuple[str, str]:
    cluster = choose(settings)
    return cluster.provider, cluster.name


def test_up_makes_a_cluster_of_its_own_rather_than_touching_somebodys() -> None:
    assert found(Settings()) == ("node", "kitctl-node")


def test_commands_that_create_no_cluster_take_the_current_context() -> None:
    assert found(Settings(), choice.present) == ("existing", "prod")
    assert choice.context(Settings()) is None


def test_up_takes_the_current_context_where_no_cluster_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "usable", lambda: False)
    assert found(Settings()) == ("existing", "prod")


@pytest.mark.parametrize("choose", BOTH)
def test_a_current_context_of_the_kits_is_the_kits_cluster(
    machine: Path, monkeypatch: pytest.MonkeyPatch, choose: Callable[[Settings], Cluster]
) -> None:
    monkeypatch.setattr(node, "usable", lambda: False)
    (machine / "kitctl-e2e").mkdir()
    current(monkeypatch, "kitctl-e2e")
    assert found(Settings(), choose) == ("node", "kitctl-e2e")


@pytest.mark.parametrize("choose", BOTH)
def test_a_cluster_that_was_made_is_found_also_without_rights(
    machine: Path, monkeypatch: pytest.MonkeyPatch, choose: Callable[[Settings], Cluster]
) -> None:
    monkeypatch.setattr(node, "usable", lambda: False)
    (machine / "kitctl-node").mkdir()
    assert found(Settings(), choose) == ("node", "kitctl-node")
    assert choice.context(Settings()) == "kitctl-node"


@pytest.mark.parametrize("choose", BOTH)
def test_a_named_context_wins_over_the_cluster_of_the_kit(machine: Path, choose: Callable[[Settings], Cluster]) -> None:
    (machine / "kitctl-node").mkdir()
    assert found(Settings(context="staging"), choose) == ("existing", "staging")
    (machine / "other-node").mkdir()
    assert found(Settings(context="other-node"), choose) == ("node", "other-node")
    assert choice.context(Settings(context="other-node")) == "other-node"


@pytest.mark.parametrize("choose", BOTH)
def test_a_named_provider_wins(machine: Path, choose: Callable[[Settings], Cluster]) -> None:
    assert found(Settings(provider="existing"), choose) == ("existing", "prod")
    assert found(Settings(provider="node", cluster="mine"), choose) == ("node", "mine")
    assert choice.context(Settings(provider="existing")) is None
    assert choice.context(Settings(provider="node", cluster="mine")) == "mine"
    (machine / "kitctl-node").mkdir()  # "existing" takes it as somebody else's, since the user says so
    assert found(Settings(provider="existing", context="kitctl-node"), choose) == ("existing", "kitctl-node")


@pytest.mark.parametrize("choose", [*BOTH, choice.context])
def test_a_context_of_the_named_provider_is_taken(machine: Path, choose: Callable[[Settings], object]) -> None:
    (machine / "other-node").mkdir()
    for name in ("kitctl-node", "other-node"):
        assert choose(Settings(provider="node", context=name)) is not None


def test_who_only_looks_may_name_any_context(machine: Path) -> None:
    settings = Settings(provider="node", context="prod")
    assert found(settings, choice.present) == ("existing", "prod")
    assert choice.context(settings) == "prod"


def test_who_may_create_a_cluster_must_name_a_context_of_the_provider(machine: Path) -> None:
    with pytest.raises(KitError) as caught:
        choice.cluster(Settings(provider="node", context="prod"))
    assert (caught.value.id, caught.value.code) == ("context-not-of-provider", ExitCode.USAGE)


@pytest.mark.parametrize("choose", BOTH)
def test_no_context_at_all_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, choose: Callable[[Settings], Cluster]
) -> None:
    monkeypatch.setattr(choice, "current_context", contexts.current)
    empty = tmp_path / "config"
    empty.write_text("apiVersion: v1\nkind: Config\n")
    with pytest.raises(KitError) as caught:
        choose(Settings(provider="existing", kubeconfig=empty))
    assert (caught.value.id, caught.value.code) == ("context-missing", ExitCode.UNREACHABLE)
    assert caught.value.message == f"No current context is set in {empty}"


def test_a_machine_that_can_have_no_cluster_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(choice, "current_context", contexts.current)
    monkeypatch.setattr(node, "usable", lambda: False)
    monkeypatch.setattr(node, "check", lambda _: None)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(KitError) as caught:
        choice.cluster(Settings())
    assert (caught.value.id, caught.value.code) == ("cluster-impossible", ExitCode.PREFLIGHT)
    lines = caught.value.cause.splitlines()
    assert lines[0] == "minikube: The program minikube was not found"
    assert lines[1].startswith("kind: ")
    assert lines[2] == "node: used only if it is named: --provider node"
    assert str(tmp_path / "none") in lines[3]
    assert "Install minikube" in caught.value.fix


def test_only_a_cluster_of_the_kit_tells_its_address(machine: Path) -> None:
    (machine / "kitctl-node").mkdir()
    (machine / "kitctl-node" / "network.json").write_text('{"index": 9}')
    assert choice.of_context("kitctl-node").node_port_address(30809) == "10.213.9.2:30809"
    assert choice.of_context("prod").node_port_address(30809) is None


@pytest.mark.parametrize("context", ["..", "a/b", "arn:aws:eks:eu-west-1:1:cluster/a", ""])
def test_a_context_that_is_no_name_of_a_cluster_is_somebodys(machine: Path, context: str) -> None:
    (machine / "a" / "b").mkdir(parents=True)
    assert choice.of_context(context).provider == "existing"


def test_what_is_to_be_deleted(machine: Path) -> None:
    assert choice.to_delete(Settings()) is None
    assert choice.to_delete(Settings(context="prod")) is None
    (machine / "mine").mkdir()
    for settings in (Settings(cluster="mine"), Settings(context="mine")):
        assert found(settings, lambda s: choice.to_delete(s) or pytest.fail("none")) == ("node", "mine")
    left = choice.to_delete(Settings(provider="node", cluster="half-made"))
    assert left is not None and left.name == "half-made"


def test_no_other_module_chooses_a_cluster_or_compares_a_providers_name() -> None:
    root = Path(kitctl.__file__).parent
    wrong = []
    for file in root.rglob("*.py"):
        if file.is_relative_to(root / "clusters"):
            continue
        for part in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(part, ast.Attribute | ast.Compare):
                continue
            text = ast.unparse(part)
            chosen = isinstance(part, ast.Attribute) and text in {"clusters.get", "clusters.ranked"}
            compared = isinstance(part, ast.Compare) and "provider" in ast.unparse(part.left)
            names = (f"'{name}'" for name in [*clusters.providers(), "minikube", "kind"])
            if chosen or (compared and any(name in text for name in names)):
                wrong.append(f"{file.relative_to(root)}: {text}")
    assert wrong == []
