"""Finding the node's processes."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from kitctl.clusters.node import cgroups, processes
from kitctl.clusters.node.layout import Layout
from kitctl.errors import KitError


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A node whose first process is this very test."""
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    monkeypatch.setattr(cgroups, "processes", lambda _: {os.getpid()})
    layout = Layout("n")
    layout.state.mkdir()
    layout.pid_file.write_text(f"{os.getpid()}\n")
    return layout


def test_a_number_that_another_process_got_since_is_not_the_node(node: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    assert processes.pid(node) == os.getpid()
    monkeypatch.setattr(cgroups, "processes", lambda _: {1})
    assert processes.pid(node) is None


@pytest.mark.parametrize("text", ["", "no number"])
def test_a_half_written_pid_file_is_no_node(node: Layout, text: str) -> None:
    node.pid_file.write_text(text)
    assert processes.pid(node) is None


def test_commands_enter_all_namespaces_with_an_environment_of_their_own(
    node: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = processes.inside(node, "kubeadm", "version")
    assert argv[: argv.index("--")] == [
        *("nsenter", "--target", str(os.getpid())),
        *("--mount", "--uts", "--ipc", "--net", "--pid"),
    ]
    assert argv[argv.index("--") + 1 :][:2] == ["env", "-i"]
    assert argv[-2:] == ["kubeadm", "version"]


def test_a_stopped_node_cannot_be_entered(node: Layout) -> None:
    node.pid_file.unlink()
    with pytest.raises(KitError) as caught:
        processes.inside(node, "true")
    assert caught.value.id == "cluster-not-running"
    assert "--cluster-name n" in caught.value.fix


def test_listening_ports_are_seen(node: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert processes.listens(node, port)
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert not processes.listens(node, client.getsockname()[1])  # a connection is no listener
    assert not processes.listens(node, port)


def test_only_what_a_registry_needs_passes_into_the_node(
    node: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "program"
    program.touch()
    monkeypatch.setattr(processes, "tool", lambda _: program)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:p w@proxy")
    monkeypatch.setenv("KITCTL_SECRET", "hidden")
    processes.equip(node)
    environment = (node.kit / "environment").read_text()
    assert "export HTTPS_PROXY='http://user:p w@proxy'" in environment
    assert "hidden" not in environment


def test_the_programs_of_a_node_are_its_own(node: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("built")
    program.chmod(0o755)
    monkeypatch.setattr(processes, "tool", lambda _: program)
    for _ in range(2):
        processes.equip(node)
    own = node.kit / "bin/kubelet"
    assert (own.read_text(), own.stat().st_mode & 0o777) == ("built", 0o755)
    assert not own.samefile(program)
    assert own.samefile(node.kit / "bin/kubeadm")
    own.write_text("changed inside the node")
    assert program.read_text() == "built"
