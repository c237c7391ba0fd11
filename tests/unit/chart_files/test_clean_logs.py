"""clean_logs.py against real folders: what goes, what stays, and what it says."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

DAY = 24 * 3600
NOW = time.time()


@pytest.fixture
def clean_logs(script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, on a file system that has no fixed number of files."""
    module = script("clean_logs")
    monkeypatch.setattr(module, "share_of_a_file", lambda _root: 0)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def write(root: Path, path: str, days: float, size: int = 4096) -> Path:
    """Write a file that was last written to some days ago, in folders that are as old."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * size)
    then = NOW - days * DAY
    for one in (file, *file.parents):
        if one == root:
            break
        os.utime(one, (then, then))
    return file


def attempt(dag: str, run: str, task: str = "t", number: int = 1) -> str:
    return f"dag_id={dag}/run_id={run}/task_id={task}/attempt={number}.log"


def left(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}


def test_old_runs_go_and_young_ones_stay(
    clean_logs: ModuleType, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, attempt("a", "old"), 400, 1000)
    write(root, attempt("a", "old", number=2), 399, 24)
    write(root, attempt("b", "young"), 3)
    assert clean_logs.main([str(root), "--days", "365"]) == 0
    assert left(root) == {attempt("b", "young")}
    assert not (root / "dag_id=a" / "run_id=old").exists()
    assert "deleted 2 files, 1.0 KiB (1024 bytes), of 1 DAG runs, and 2 empty folders" in capsys.readouterr().out


def test_the_logs_of_a_run_go_together(clean_logs: ModuleType, root: Path) -> None:
    """A task that waits in silence for long keeps its log while others of its run write."""
    write(root, attempt("a", "long", "silent"), 400)
    write(root, attempt("a", "long", "talks"), 1)
    write(root, attempt("a", "other"), 400)
    assert clean_logs.main([str(root), "--days", "365"]) == 0
    assert left(root) == {attempt("a", "long", "silent"), attempt("a", "long", "talks")}


def test_other_files_go_one_by_one(clean_logs: ModuleType, root: Path) -> None:
    for name, days in (
        ("executor_callbacks/one.log", 400),
        ("executor_callbacks/two.log", 2),
        ("mine/team/x.log", 400),
    ):
        write(root, name, days)
    assert clean_logs.main([str(root), "--days", "365"]) == 0
    assert left(root) == {"executor_callbacks/two.log"}


def test_the_oldest_runs_go_until_the_rest_fits(clean_logs: ModuleType, root: Path) -> None:
    for days in (5, 4, 3, 2):
        write(root, attempt("a", f"{days}-days"), days, 40960)
    total = sum(logs.size for logs in clean_logs.find(root, clean_logs.Report()).values())
    assert clean_logs.main([str(root), "--max-bytes", str(total * 6 // 10)]) == 0
    assert left(root) == {attempt("a", "3-days"), attempt("a", "2-days")}


def test_what_was_written_today_stays_and_is_told(
    clean_logs: ModuleType, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, attempt("a", "running"), 0.5, 40960)
    write(root, attempt("a", "done"), 1.5, 40960)
    assert clean_logs.main([str(root), "--max-bytes", "10"]) == 1
    assert left(root) == {attempt("a", "running")}
    assert "Enlarge the claim (logs.persistence.size)" in capsys.readouterr().err


def test_within_the_limits_nothing_goes(clean_logs: ModuleType, root: Path) -> None:
    write(root, attempt("a", "r"), 364)
    assert clean_logs.main([str(root), "--days", "365", "--max-bytes", "1000000"]) == 0
    assert left(root) == {attempt("a", "r")}


def test_many_small_files_count_for_the_inodes_that_they_take(
    clean_logs: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ext4 sets one inode aside for each 16 KiB: a claim is full without them, however small the logs are."""
    monkeypatch.setattr(clean_logs, "share_of_a_file", lambda _root: 16384)
    for days in range(2, 12):
        write(root, attempt("a", str(days)), days, 1)
    entries = 2  # a task's folder and its log
    assert clean_logs.main([str(root), "--max-bytes", str(5 * entries * 16384)]) == 0
    assert len(left(root)) == 5


def test_the_share_of_a_file_is_that_of_the_file_system(script: Callable[[str], ModuleType], tmp_path: Path) -> None:
    facts = os.statvfs(tmp_path)
    expected = facts.f_blocks * facts.f_frsize // facts.f_files if facts.f_files else 0
    assert script("clean_logs").share_of_a_file(tmp_path) == expected


def test_links_are_deleted_and_not_followed(clean_logs: ModuleType, root: Path, tmp_path: Path) -> None:
    outside = write(tmp_path, "outside/dag_id=x/run_id=y/precious.log", 900)
    then = NOW - 900 * DAY
    run = write(root, attempt("a", "old"), 900).parent
    for link, target in (
        (run / "folder", outside.parent),
        (run / "file", outside),
        (root / "dag_id=linked", outside.parents[1]),
        (root / "latest", outside.parents[2]),
    ):
        link.symlink_to(target)
        os.utime(link, (then, then), follow_symlinks=False)
    assert clean_logs.main([str(root), "--days", "365"]) == 0
    assert outside.read_bytes()
    assert left(root) == set()


def test_a_link_that_takes_the_place_of_a_folder_meanwhile_leads_nowhere(
    clean_logs: ModuleType, root: Path, tmp_path: Path
) -> None:
    outside = write(tmp_path, "outside/run_id=r/task_id=t/attempt=1.log", 900)
    write(root, attempt("a", "r"), 900)
    report = clean_logs.Report()
    (key, logs), *_ = clean_logs.find(root, report).items()
    (root / "dag_id=a").rename(tmp_path / "moved")
    (root / "dag_id=a").symlink_to(outside.parents[2])
    clean_logs.delete(root, key, logs, report)
    assert outside.exists()
    assert report.files == 0


def test_a_run_that_starts_again_meanwhile_keeps_its_new_log(clean_logs: ModuleType, root: Path) -> None:
    write(root, attempt("a", "r"), 900)
    report = clean_logs.Report()
    (key, logs), *_ = clean_logs.find(root, report).items()
    write(root, attempt("a", "r", number=2), 0)
    clean_logs.delete(root, key, logs, report)
    assert left(root) == {attempt("a", "r", number=2)}


def test_what_vanishes_meanwhile_is_no_error(clean_logs: ModuleType, root: Path) -> None:
    file = write(root, attempt("a", "r"), 900)
    other = write(root, "other.log", 900)
    report = clean_logs.Report()
    found = clean_logs.find(root, report)
    file.unlink()
    file.parent.rmdir()
    file.parent.parent.rmdir()
    other.unlink()
    for key, logs in found.items():
        clean_logs.delete(root, key, logs, report)
    assert (report.files, report.failures) == (0, [])


def test_a_folder_that_a_task_has_just_made_stays(clean_logs: ModuleType, root: Path) -> None:
    young = root / "dag_id=a" / "run_id=new" / "task_id=t"
    young.mkdir(parents=True)
    old = root / "dag_id=b" / "run_id=old"
    old.mkdir(parents=True)
    os.utime(old, (NOW - DAY, NOW - DAY))
    assert clean_logs.main([str(root), "--days", "365"]) == 0
    assert young.exists()
    assert not old.exists()
    assert root.exists()


def test_what_it_may_not_delete_fails_the_run(
    clean_logs: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, attempt("a", "r"), 900)

    def refuse(name: str, **_: object) -> None:
        raise PermissionError(13, "Permission denied", name)

    monkeypatch.setattr(clean_logs.os, "unlink", refuse)
    assert clean_logs.main([str(root), "--days", "365"]) == 1
    assert "ERROR: not deleted: [Errno 13] Permission denied" in capsys.readouterr().err


def test_the_folder_of_the_file_system_is_no_error(clean_logs: ModuleType) -> None:
    report = clean_logs.Report()
    report.failed(PermissionError(13, "Permission denied", "/mnt/logs/lost+found"))
    assert report.failures == []
