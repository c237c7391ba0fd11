"""When a node is left alone, waited for, started again or made."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from kitctl.clusters.node import NodeCluster, addons, kubeconfig, preflight, processes
from tests.unit.fake_operation import Clock


class Node:
    """A node that was made; `ready` holds the answers of /readyz, the last one for ever."""

    def __init__(self) -> None:
        self.ready = [True]
        self.pid: int | None = 1
        self.restarts = 0
        self.clock = Clock()
        self.asked = 0

    def answers(self, *_: object) -> bool:
        self.asked += 1
        return self.ready.pop(0) if len(self.ready) > 1 else self.ready[0]

    def restart(self, *_: object) -> None:
        self.restarts += 1


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node()
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    (tmp_path / "n").mkdir()
    (tmp_path / "n" / "initialised").touch()
    monkeypatch.setattr(addons, "answers", made.answers)
    monkeypatch.setattr(processes, "pid", lambda _: made.pid)
    monkeypatch.setattr(preflight, "check", lambda _: None)
    monkeypatch.setattr(kubeconfig, "check", lambda *_: None)
    monkeypatch.setattr(kubeconfig, "add", lambda *_: None)
    monkeypatch.setattr(NodeCluster, "_restart", made.restart)
    monkeypatch.setattr(import_module(NodeCluster.__module__), "Deadline", made.clock.deadline)
    return made


def create() -> list[str]:
    said: list[str] = []
    NodeCluster("n").create(said.append)
    return said


def test_a_node_that_answers_is_left_alone(node: Node) -> None:
    assert create() == ["node n is running"]
    assert (node.asked, node.restarts) == (1, 0)


def test_a_busy_node_is_there(node: Node) -> None:
    """Its API server may take longer to answer than a look waits: that is no absence."""
    node.ready = [False]
    assert NodeCluster("n").exists()
    node.pid = None
    assert not NodeCluster("n").exists()


def test_a_node_that_is_only_half_made_is_not_there(node: Node, tmp_path: Path) -> None:
    (tmp_path / "n" / "initialised").unlink()
    assert not NodeCluster("n").exists()


def test_a_busy_node_gets_a_minute(node: Node) -> None:
    node.ready = [False] * 50 + [True]
    assert create() == ["node n: does not answer, waiting up to 60 s for it"]
    assert node.restarts == 0


def test_a_node_that_stays_silent_is_started_again(node: Node) -> None:
    node.ready = [False]
    create()
    assert node.restarts == 1
    assert 60 <= node.clock.now < 65


def test_a_node_whose_processes_ended_is_started_again_at_once(node: Node) -> None:
    node.ready, node.pid = [False], None
    assert create() == []
    assert (node.restarts, node.clock.now) == (1, 0)


def test_a_node_that_ends_while_it_is_waited_for_is_started_again_at_once(node: Node) -> None:
    node.ready = [False]

    def end(_: float) -> None:
        node.pid = None

    node.clock.change = end
    create()
    assert (node.restarts, node.clock.now) == (1, 1)
