"""The network of a node is chosen once and collides with nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kitctl.clusters.node import NodeCluster, network
from kitctl.clusters.node.layout import Layout, Network
from kitctl.errors import KitError
from kitctl.tools.process import Result


@pytest.fixture
def routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The routes of the machine, to be filled by the test."""
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    found: list[dict[str, str]] = [{"dst": "default", "gateway": "10.213.0.254"}]
    monkeypatch.setattr(network, "run", lambda *_, **__: Result(0, json.dumps(found), ""))
    return found


def node(name: str) -> Layout:
    layout = Layout(name)
    layout.state.mkdir(parents=True, exist_ok=True)
    return layout


def test_a_number_is_recorded_and_kept(routes: list[dict[str, str]]) -> None:
    first = network.claim(node("a"))
    routes.append({"dst": first.subnet})  # its own veth is up now
    assert network.claim(node("a")) == first


def test_nodes_and_routes_of_the_machine_are_avoided(routes: list[dict[str, str]]) -> None:
    first = network.claim(node("a"))
    (node("a").network_file).unlink()
    routes.append({"dst": first.subnet})
    second = network.claim(node("a"))
    assert second.index == (first.index + 1) % 256
    (node("a").network_file).rename(node("b").network_file)
    routes.pop()
    routes.append({"dst": first.address, "type": "local"})
    assert network.claim(node("a")).index == (first.index + 2) % 256


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"index": null}', '{"index": "x"}'])
def test_a_broken_record_is_none_and_is_written_again(routes: list[dict[str, str]], text: str) -> None:
    layout = node("a")
    layout.network_file.write_text(text)
    node("b").network_file.write_text(text)  # another node's must not stop this one
    (layout.state.parent / "No_Node").mkdir()
    (layout.state.parent / "a-file").touch()
    assert layout.network() is None
    first = network.claim(layout)
    assert layout.network() == first
    assert json.loads(layout.network_file.read_text()) == {"index": first.index}


def test_the_address_of_a_node_that_was_made_outlives_its_record(routes: list[dict[str, str]]) -> None:
    layout = node("a")
    layout.kubernetes.mkdir()
    layout.admin.write_text("clusters:\n- cluster:\n    server: https://10.213.77.2:6443\n  name: a\n")
    layout.network_file.write_text("")
    assert layout.network() == Network(77)
    assert NodeCluster("a").node_port_address(30809) == "10.213.77.2:30809"
    assert network.claim(layout) == Network(77)
    assert json.loads(layout.network_file.read_text()) == {"index": 77}


def test_no_room_is_told(routes: list[dict[str, str]]) -> None:
    routes.append({"dst": "10.208.0.0/12"})
    with pytest.raises(KitError) as caught:
        network.claim(node("a"))
    assert caught.value.id == "no-free-subnet"


def test_a_proxy_is_told_to_stay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "no_proxy"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("NO_PROXY", "localhost")
    network.bypass_proxy(Network(7))
    assert os.environ["NO_PROXY"] == "localhost"
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "")
    network.bypass_proxy(Network(7))
    network.bypass_proxy(Network(7))
    assert os.environ["NO_PROXY"] == "localhost,10.213.7.2"
    assert os.environ["no_proxy"] == "10.213.7.2"
