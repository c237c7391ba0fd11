"""When a node is left alone, waited for, started again or made."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kitctl.clusters.node import NodeCluster, addons, kubeconfig, preflight, processes


class Node:
    """A node that was made; `ready` holds the answers of /readyz, the last one for ever."""

    def __init__(self) -> None:
        self.ready = [True]
        self.pid: int | None = 1
        self.restarts = 0
        self.clock = 0.0
        self.asked = 0

    def answers(self, *_: object) -> bool:
        self.asked += 1
        return self.ready.pop(0) if len(self.ready) > 1 else self.ready[0]

    def sleep(self, seconds: float) -> None:
        self.clock += seconds

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
    monkeypatch.setattr(time, "sleep", made.sleep)
    monkeypatch.setattr(time, "monotonic", lambda: made.clock)
    return made


def create() -> list[str]:
    said: list[str] = []
    NodeCluster("n").create(said.append)
    return said


def test_a_node_that_answers_is_left_alone(node: Node) -> None:
    assert create() == ["node n is running"]
    assert (node.asked, node.restarts) == (1, 0)


def test_a_busy_node_gets_a_minute(node: Node) -> None:
    node.ready = [False] * 50 + [True]
    assert create() == ["node n: does not answer, waiting up to 60 s for it"]
    assert node.restarts == 0


def test_a_node_that_stays_silent_is_started_again(node: Node) -> None:
    node.ready = [False]
    create()
    assert node.restarts == 1
    assert 60 <= node.clock < 65


def test_a_node_whose_processes_ended_is_started_again_at_once(node: Node) -> None:
    node.ready, node.pid = [False], None
    assert create() == []
    assert (node.restarts, node.clock) == (1, 0)


def test_a_node_that_ends_while_it_is_waited_for_is_started_again_at_once(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.ready = [False]

    def sleep(seconds: float) -> None:
        node.clock += seconds
        node.pid = None

    monkeypatch.setattr(time, "sleep", sleep)
    create()
    assert (node.restarts, node.clock) == (1, 1)
