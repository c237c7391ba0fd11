"""Names and places of a node."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pytest
import yaml

from kitctl.clusters.node.layout import FILES, Layout, Network, fill, state_root
from kitctl.errors import ExitCode, KitError


@pytest.mark.parametrize("name", ["", "Node", "-a", "a-", "a.b", "a/b", "../x", "a" * 41, "a b"])
def test_names_that_the_kernel_or_kubernetes_refuses(name: str) -> None:
    with pytest.raises(KitError) as caught:
        Layout(name)
    assert (caught.value.id, caught.value.code) == ("cluster-name-invalid", ExitCode.USAGE)


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_state_folder_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path / "file" / below))
    with pytest.raises(KitError) as caught:
        state_root()
    assert (caught.value.id, caught.value.code) == ("state-folder-invalid", ExitCode.PREFLIGHT)
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path / "new" / "folder"))
    assert state_root() == tmp_path / "new" / "folder"


def test_interface_names_fit_and_differ() -> None:
    names = {Layout(name).veth for name in ("kitctl-node", "kitctl-e2e", "a" * 40, "a" * 39)}
    assert len(names) == 4
    assert all(len(name) <= 15 for name in names)


def test_two_nodes_share_no_address() -> None:
    first, second = Network(0), Network(255)
    nets = [
        ipaddress.ip_network(n) for net in (first, second) for n in (net.subnet, net.pods, net.services, net.uplink)
    ]
    assert not any(a.overlaps(b) for i, a in enumerate(nets) for b in nets[i + 1 :])
    for net in (first, second):
        assert ipaddress.ip_address(net.address) in ipaddress.ip_network(net.subnet)
        assert ipaddress.ip_address(net.dns) in ipaddress.ip_network(net.services)
        assert ipaddress.ip_address(net.resolver) in ipaddress.ip_network(net.uplink)


def test_the_state_folder_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    assert Layout("n").state == tmp_path / "n"
    monkeypatch.delenv("KITCTL_STATE")
    assert Layout("n").state == Path("/var/lib/kitctl/n")


def test_filling_a_file_without_a_fact_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("containerd.toml", name="n")


@pytest.mark.parametrize("file", [f.name for f in FILES.iterdir() if f.suffix == ".yaml"])
def test_filled_files_are_yaml_with_no_place_left(file: str) -> None:
    places = set(re.findall(r"(?<!\$)\$(\w+)", (FILES / file).read_text(encoding="utf-8")))
    text = fill(file, **dict.fromkeys(places, "value"))
    assert all(isinstance(document, dict) for document in yaml.safe_load_all(text.replace("\nvalue\n", "\n")))
    assert "$VOL_DIR" in text if file == "local-path.yaml" else "$" not in text
