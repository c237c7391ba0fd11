"""A file of the cache is made once and is always whole, whatever runs at the same time or was killed."""

from __future__ import annotations

import multiprocessing
import threading
import time
from pathlib import Path

import pytest

from kitctl.tools import cached_file


def slowly(part: Path) -> None:
    """Write a file in pieces, as an image is saved, and note that it was done."""
    with part.open("a", encoding="utf-8") as out:
        for _ in range(20):
            out.write("piece ")
            out.flush()
            time.sleep(0.002)
    with (part.parent.parent / "made").open("a", encoding="utf-8") as log:
        log.write("x")


def both(target: Path) -> None:
    cached_file.ensure(target, slowly)
    assert target.read_text(encoding="utf-8") == "piece " * 20


@pytest.mark.parametrize("kind", ["thread", "process"])
def test_many_at_once_make_it_once_and_all_get_it_whole(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "cache" / "image.tar"
    context = multiprocessing.get_context("fork")
    failed: list[Exception] = []

    def guarded() -> None:
        try:
            both(target)
        except (AssertionError, OSError) as error:  # a thread keeps its failure to itself
            failed.append(error)

    workers = [
        threading.Thread(target=guarded) if kind == "thread" else context.Process(target=both, args=(target,))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    assert [w.exitcode for w in workers if not isinstance(w, threading.Thread)] in ([], [0] * 4)
    assert (tmp_path / "made").read_text() == "x"
    assert [p.name for p in target.parent.iterdir()] == ["image.tar"]


def test_it_tells_whether_it_made_the_file(tmp_path: Path) -> None:
    target = tmp_path / "a.tar"
    assert cached_file.ensure(target, lambda part: part.write_text("1")) is True
    assert cached_file.ensure(target, lambda part: part.write_text("2")) is False
    assert target.read_text() == "1"


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail(part: Path) -> None:
        part.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cached_file.ensure(tmp_path / "a.tar", fail)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".a.tar.4711-00.part").write_text("half")
    (tmp_path / ".a.tar.lock").touch()
    cached_file.ensure(tmp_path / "a.tar", lambda part: part.write_text("whole"))
    assert [p.name for p in tmp_path.iterdir()] == ["a.tar"]
