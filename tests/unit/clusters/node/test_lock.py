"""The lock that goes with its folder."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from kitctl.clusters.node import lock
from kitctl.clusters.node.lock import locked


def test_a_waiter_never_works_in_a_folder_that_its_holder_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "state"
    opened = threading.Event()
    seen: list[bool] = []

    def flock(handle: int, operation: int) -> None:
        opened.set()
        fcntl.flock(handle, operation)

    def waiter() -> None:
        with locked(folder):
            (folder / "mine").touch()
            seen.append((folder / "mine").exists())

    with locked(folder):
        monkeypatch.setattr(lock, "fcntl", SimpleNamespace(flock=flock, LOCK_EX=fcntl.LOCK_EX))
        thread = threading.Thread(target=waiter)
        thread.start()
        assert opened.wait(5)
        folder.rmdir()
    thread.join(5)
    assert seen == [True]


def test_only_one_holds_it(tmp_path: Path) -> None:
    inside, most = 0, 0
    guard = threading.Lock()
    start = threading.Barrier(6)

    def work() -> None:
        nonlocal inside, most
        start.wait()
        with locked(tmp_path / "state"):
            with guard:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.02)  # long enough for the others to come in, could they
            with guard:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert most == 1
