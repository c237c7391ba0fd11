"""Machines that cannot carry the node are refused before anything is changed."""

from __future__ import annotations

import os
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from kitctl.clusters.node import preflight
from kitctl.clusters.node.cluster import NodeCluster
from kitctl.clusters.node.layout import Layout
from kitctl.errors import ExitCode, KitError
from kitctl.model import needs


@pytest.fixture(autouse=True)
def able(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that can carry the node, whatever this one is."""
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "uname", lambda: namedtuple("U", "machine")("x86_64"))
    monkeypatch.setattr(os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 2_000_000)
    disk = namedtuple("D", "free")
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: disk(50 * 1024**3))
    monkeypatch.setattr(preflight, "which", lambda name, *_: Path("/bin") / name)
    monkeypatch.setattr(preflight, "find", lambda name: Path("/cache") / name)
    monkeypatch.setattr(preflight, "_real_node", lambda: None)
    monkeypatch.setattr(preflight.kubeadm, "cni_folder", lambda: Path("/usr/lib/cni"))
    (tmp_path / "busybox").write_bytes(b"\x7fELF and no loader")
    monkeypatch.setattr(preflight.images, "BUSYBOX", tmp_path / "busybox")


def refused() -> KitError:
    with pytest.raises(KitError) as caught:
        preflight.check(Layout("n"))
    assert caught.value.code is ExitCode.PREFLIGHT
    assert caught.value.fix
    return caught.value


def test_an_able_machine_passes() -> None:
    preflight.check(Layout("n"))


@pytest.mark.parametrize(
    ("change", "error_id"),
    [
        (lambda m: m.setattr(sys, "platform", "darwin"), "node-needs-linux"),
        (lambda m: m.setattr(os, "geteuid", lambda: 1000), "node-needs-root"),
        (lambda m: m.setattr(os, "uname", lambda: namedtuple("U", "machine")("riscv64")), "architecture-unknown"),
        (
            lambda m: m.setattr(os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 500_000),
            "memory-too-small",
        ),
        (
            lambda m: m.setattr(preflight.shutil, "disk_usage", lambda _: namedtuple("D", "free")(1024**3)),
            "disk-too-small",
        ),
    ],
)
def test_each_lack_has_its_error(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[pytest.MonkeyPatch], None], error_id: str
) -> None:
    change(monkeypatch)
    assert refused().id == error_id


def test_missing_programs_are_all_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "which", lambda name, *_: None if name == "runc" else Path("/bin") / name)
    monkeypatch.setattr(preflight, "find", lambda name: None if name == "etcd" else Path("/cache") / name)
    error = refused()
    assert "runc" in error.message
    assert "etcd" in error.message
    assert error.fix == "scripts/get-tools --group node"


@pytest.mark.parametrize("content", [b"\x7fELF /lib64/ld-linux-x86-64.so.2", None])
def test_a_busybox_that_needs_libraries_cannot_stand_alone_in_an_image(tmp_path: Path, content: bytes | None) -> None:
    if content is None:
        (tmp_path / "busybox").unlink()
    else:
        (tmp_path / "busybox").write_bytes(content)
    assert "static" in refused().message


def test_a_machine_that_is_a_node_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(preflight, "_host_kubelet", lambda: "A kubelet runs as process 42")
    with pytest.raises(KitError) as caught:
        preflight._real_node()
    assert caught.value.id == "node-already-here"
    assert "42" in caught.value.cause


def test_it_asks_for_what_the_doctor_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = namedtuple("D", "free")
    monkeypatch.setattr(os, "sysconf", lambda name: 1 if name == "SC_PAGE_SIZE" else needs.MEMORY)
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: disk(needs.DISK))
    preflight.check(Layout("kitctl-node"))
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: disk(needs.DISK - 1))
    with pytest.raises(KitError) as caught:
        preflight.check(Layout("kitctl-node"))
    assert caught.value.id == "disk-too-small"
    monkeypatch.setattr(os, "sysconf", lambda name: 1 if name == "SC_PAGE_SIZE" else needs.MEMORY - 1)
    with pytest.raises(KitError) as caught:
        preflight.check(Layout("kitctl-node"))
    assert caught.value.id == "memory-too-small"


def test_the_pages_name_the_same_needs() -> None:
    memory, disk = (f"{size // needs.GIB} GiB" for size in (needs.MEMORY, needs.DISK))
    docs = Path(__file__).parents[4] / "docs"
    assert f"{memory} of memory" in (docs / "doctor.md").read_text(encoding="utf-8")
    assert f"{disk} free for the cache" in (docs / "doctor.md").read_text(encoding="utf-8")
    assert f"{memory} of memory and {disk} of free disk" in (docs / "node.md").read_text(encoding="utf-8")


def test_a_node_that_was_made_needs_no_free_disk_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout("n")
    layout.state.mkdir(parents=True)
    layout.ready_file.touch()
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: namedtuple("D", "free")(0))
    preflight.check(layout)


def test_a_node_whose_state_this_user_may_not_read_is_named_and_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    state = tmp_path / "state" / "n"
    state.mkdir(parents=True)
    assert NodeCluster("n").name == "n"
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != state)
    with pytest.raises(KitError) as caught:
        NodeCluster("n")
    assert (caught.value.id, caught.value.code) == ("node-of-another-user", ExitCode.PREFLIGHT)
    assert "sudo" in caught.value.fix
    assert str(state) in caught.value.cause
