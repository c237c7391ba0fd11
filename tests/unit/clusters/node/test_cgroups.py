"""Control groups, read from and written to folders that stand for the kernel's."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from kitctl.clusters.node import cgroups
from kitctl.errors import ExitCode, KitError

V1 = """\
22 1 254:0 / / rw - ext4 /dev/vda rw
30 22 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw
31 30 0:27 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
33 22 0:28 / /elsewhere rw - cgroup2 cgroup2 rw
"""
V2 = "31 30 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"


def test_hierarchies_of_a_v1_machine_are_those_below_sys_fs_cgroup() -> None:
    assert cgroups.hierarchies(V1) == {
        Path("/sys/fs/cgroup/memory"): "cgroup",
        Path("/sys/fs/cgroup/unified"): "cgroup2",
    }


def test_a_v2_machine_has_one() -> None:
    assert cgroups.hierarchies(V2) == {Path("/sys/fs/cgroup"): "cgroup2"}


def test_v1_cpuset_is_copied_from_the_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file, text in (("cpuset.cpus", "0-1"), ("cpuset.mems", "0")):
        (tmp_path / file).write_text(text)
    made = tmp_path / "node"
    made.mkdir()
    (made / "cpuset.cpus").write_text("\n")
    (made / "cpuset.mems").write_text("1")
    cgroups._copy_cpuset(made)
    assert (made / "cpuset.cpus").read_text() == "0-1"
    assert (made / "cpuset.mems").read_text() == "1"


def test_v2_controllers_are_handed_down_once(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory pids rdma")
    (tmp_path / "cgroup.subtree_control").write_text("memory")
    cgroups._delegate(tmp_path)
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpuset +cpu +io +pids"


def test_a_machine_without_cgroups_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "hierarchies", dict)
    with pytest.raises(KitError) as caught:
        cgroups.make("n")
    assert (caught.value.id, caught.value.code) == ("cgroups-unusable", ExitCode.PREFLIGHT)


def test_read_only_cgroups_are_refused_with_the_kernels_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "hierarchies", lambda: {tmp_path / "gone": "cgroup"})
    with pytest.raises(KitError) as caught:
        cgroups.make("n")
    assert "No such file" in caught.value.cause
    assert "--privileged" in caught.value.fix


def test_processes_of_all_groups_are_found_and_the_groups_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroups, "hierarchies", lambda: {tmp_path: "cgroup"})
    deep = tmp_path / "n" / "kubepods" / "pod1"
    deep.mkdir(parents=True)
    (deep / "cgroup.procs").write_text("41\n42\n")
    (tmp_path / "n" / "cgroup.procs").write_text("42\n7\n")
    assert cgroups.processes("n") == {7, 41, 42}
    assert cgroups.processes("other") == set()
    for file in (deep / "cgroup.procs", tmp_path / "n" / "cgroup.procs"):
        file.unlink()
    cgroups.remove("n")
    assert not (tmp_path / "n").exists()


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("8:pids:/node/system\n0::/node\n", True),
        ("0::/node/kubepods/pod1 (deleted)\n", True),
        ("0::/node (deleted)\n", True),
        ("0::/node-spare/system\n", False),
        ("0::/user.slice/node/system\n", False),
        ("0::/\n", False),
    ],
)
def test_whose_group_a_process_names(text: str, there: bool) -> None:
    assert cgroups.lists(text, "node") is there


def killed(child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make `child` the only process of every node, and return what shows that it is there."""
    listed = iter([{child.pid}, set()])
    shown = Path(f"/proc/{child.pid}")
    monkeypatch.setattr(cgroups, "processes", lambda _: next(listed))
    monkeypatch.setattr(cgroups, "_belongs", lambda *_: shown.exists())
    return shown


def test_what_we_started_and_killed_is_gone_and_not_only_out_of_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen(["sleep", "60"])
    shown = killed(child, monkeypatch)
    cgroups.empty("n")
    assert not shown.exists()
    child.wait()


def test_what_others_started_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen(["sleep", "60"])
    shown = killed(child, monkeypatch)

    def not_ours(*_: int) -> None:
        raise ChildProcessError

    reap = os.waitpid
    monkeypatch.setattr(os, "waitpid", not_ours)
    parent = threading.Timer(0.3, reap, (child.pid, 0))
    parent.start()
    cgroups.empty("n")
    gone = not shown.exists()
    parent.join()
    assert gone


def test_a_parent_that_never_looks_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = iter([{2**22 + 1}, set()])  # one more than Linux gives to any process
    monkeypatch.setattr(cgroups, "processes", lambda _: next(listed))
    monkeypatch.setattr(cgroups, "_belongs", lambda *_: True)
    monkeypatch.setattr(cgroups, "_REAPED", 0.1)
    cgroups.empty("n")
