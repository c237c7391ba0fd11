"""Following a commit: what the cluster has may be newer, and what was never pushed is not waited for."""

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.git_sync import Sync
from kitctl.tools.deadline import Deadline
from kitctl.usecases.dags import commit as dags_commit
from kitctl.usecases.dags.checkout import Checkout
from tests.unit.fake_operation import as_json


def git(folder: Path, *words: str) -> str:
    env = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env |= {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    argv = ["git", "-C", str(folder), *words]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """My checkout, pushed."""
    origin, work = tmp_path / "origin.git", tmp_path / "mine"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(origin))
    git(tmp_path, "init", "-q", "-b", "main", str(work))
    commit(work, dag="d = DAG('mine')\n")
    git(work, "remote", "add", "origin", str(origin))
    git(work, "push", "-q", "-u", "origin", "main")
    return work


def colleague(mine: Path, **files: str) -> str:
    """Push on top of my commit from elsewhere."""
    other = mine.parent / "other"
    git(mine.parent, "clone", "-q", str(mine.parent / "origin.git"), str(other))
    made = commit(other, **files)
    git(other, "push", "-q", "origin", "main")
    return made


def test_a_checkout_without_upstream_that_no_remote_knows_is_refused_at_once(mine: Path):
    git(mine, "checkout", "-q", "-b", "topic")
    commit(mine)
    with pytest.raises(KitError) as caught:
        Checkout(mine).pushed_commit(lambda line: None)
    assert (caught.value.id, caught.value.code) == ("git-not-pushed", ExitCode.USAGE)
    assert caught.value.fix.startswith("git push")


def test_a_commit_that_the_remote_has_needs_no_upstream(mine: Path):
    git(mine, "checkout", "-q", "-b", "topic")
    head = commit(mine)
    git(mine, "push", "-q", str(mine.parent / "origin.git"), "topic")
    assert Checkout(mine).pushed_commit(pytest.fail) == head


def test_the_repository_of_the_release_is_asked_where_there_is_no_remote(mine: Path):
    git(mine, "remote", "remove", "origin")
    head = git(mine, "rev-parse", "HEAD")
    origin = str(mine.parent / "origin.git")
    assert Checkout(mine, [origin]).pushed_commit(pytest.fail) == head
    commit(mine)
    with pytest.raises(KitError):
        Checkout(mine, [origin]).pushed_commit(lambda line: None)


def test_what_nobody_can_tell_is_told_and_not_refused(mine: Path):
    git(mine, "remote", "set-url", "origin", "/nonexistent")
    git(mine, "checkout", "-q", "-b", "topic")
    head = commit(mine)
    told: list[str] = []
    assert Checkout(mine).pushed_commit(told.append) == head
    assert "nobody could tell" in told[0]


def test_a_checkout_behind_its_upstream_was_pushed(mine: Path):
    colleague(mine)
    git(mine, "fetch", "-q")
    assert Checkout(mine).pushed_commit(pytest.fail) == git(mine, "rev-parse", "HEAD")


def test_a_later_commit_carries_mine_and_is_fetched_without_moving_a_branch(mine: Path):
    head, before = git(mine, "rev-parse", "HEAD"), git(mine, "for-each-ref")
    newer = colleague(mine)
    work = Checkout(mine)
    assert work.carries(head, head)
    assert work.carries(newer, head)
    assert not work.carries(head, newer)
    assert not work.carries("", head)
    assert not work.carries("f" * 40, head)
    assert git(mine, "for-each-ref") == before


def release(**dags: Any) -> Any:
    api = SimpleNamespace(known=[], errors=[])
    api.dags = lambda **_: api.known
    api.import_errors = lambda: api.errors
    return SimpleNamespace(values={"dags": dags}, api=lambda seconds: api, made=api)


def test_git_sync_at_a_later_commit_is_waited_for_with_the_files_of_that(mine: Path, monkeypatch: pytest.MonkeyPatch):
    newer = colleague(mine, dag="", other="d = DAG('theirs')\n")
    seen: list[Any] = []
    monkeypatch.setattr(dags_commit, "look_now", lambda release: None)
    monkeypatch.setattr(dags_commit, "syncs", lambda release: [Sync("dag-processor", "p", newer, 5.0)])
    monkeypatch.setattr(dags_commit, "wait_parsed", lambda api, wanted, note, end: seen.append(wanted) or {})
    head = git(mine, "rev-parse", "HEAD")
    dags_commit.follow_git_sync(release(mode="git"), head, mine, lambda line: None, Deadline(0))
    assert (seen[0].ids, seen[0].exact) == ({"dag.py": set(), "other.py": {"theirs"}}, False)


def test_a_scheduler_that_runs_tasks_is_waited_for_and_a_triggerer_is_not(mine: Path, monkeypatch: pytest.MonkeyPatch):
    head = git(mine, "rev-parse", "HEAD")
    found = [Sync("dag-processor", "p", head, 5.0), Sync("triggerer", "t", "old", error="timed out")]
    monkeypatch.setattr(dags_commit, "look_now", lambda release: None)
    monkeypatch.setattr(dags_commit, "wait_parsed", lambda api, wanted, note, end: wanted.since)
    monkeypatch.setattr(dags_commit, "syncs", lambda release: found)
    assert dags_commit.follow_git_sync(release(mode="git"), head, mine, lambda line: None, Deadline(0)) == 5.0
    found.append(Sync("scheduler", "s", "old", error="fatal: no route"))
    with pytest.raises(KitError) as caught:
        dags_commit.follow_git_sync(release(mode="git"), head, mine, lambda line: None, Deadline(0))
    assert (caught.value.id, "fatal: no route" in caught.value.cause) == ("commit-not-synced", True)
    assert "kitctl logs scheduler" in caught.value.fix


def at(seconds: float) -> str:
    return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat()


def dag(version: str, file: str = "dag.py", dag_id: str = "mine") -> dict[str, Any]:
    return {"dag_id": dag_id, "bundle_version": version, "relative_fileloc": file, "last_parsed_time": at(-5)}


def error(seconds: float, file: str = "dag.py") -> dict[str, Any]:
    return {"bundle_name": "b", "filename": file, "timestamp": at(seconds), "stack_trace": "KeyError: 1"}


def follow(mine: Path, known: list[Any], errors: list[Any]) -> dict[str, Any]:
    made = release(mode="bundle", bundle={"items": [{"name": "b", "repo": str(mine.parent / "origin.git")}]})
    made.made.known, made.made.errors = known, errors
    found, bundle = dags_commit.follow_bundle(
        made, git(mine, "rev-parse", "HEAD"), mine, lambda line: None, Deadline(0)
    )
    assert bundle == "b"
    return as_json(found)


def test_a_bundle_at_a_later_commit_is_there(mine: Path):
    assert follow(mine, [dag(colleague(mine))], [])["dags"] == ["mine"]


def test_a_bundle_whose_files_all_do_not_import_is_read(mine: Path):
    found = follow(mine, [], [error(+90)])
    assert found["import_errors"] == [{"file": "dag.py", "message": "KeyError: 1"}]


def test_a_file_that_breaks_beside_one_that_was_read_is_not_waited_for(mine: Path):
    head = git(mine, "rev-parse", "HEAD")
    assert follow(mine, [dag(head), dag("old", "b.py", "b")], [error(-1, "b.py")])["import_errors"]


@pytest.mark.parametrize("read", [True, False])
def test_errors_from_before_the_commit_was_there_do_not_count(mine: Path, read: bool):
    known = [dag(git(mine, "rev-parse", "HEAD"), "a.py", "a")] if read else []
    with pytest.raises(KitError) as caught:
        follow(mine, [*known, dag("old")], [error(-60)])
    assert caught.value.id == "commit-not-synced"
