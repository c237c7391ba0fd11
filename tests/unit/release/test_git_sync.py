"""git-sync in the pods that keep running: asked for its commit, its last error, and a sync at once."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from kitctl.errors import KitError
from kitctl.release import git_sync
from kitctl.release.git_sync import Sync, log_words, look_now, syncs
from kitctl.tools.process import Result
from tests.unit.fake_kube import FakeKube
from tests.unit.fake_release import add_pod, make_release

GIT = {"dags": {"mode": "git", "path": "/dags"}}
STARTED = {"started": True, "state": {"running": {}}}
STDERR = 'fatal: unable to access "https://git/x": Could not resolve host: git'
ERROR = f'Run(git fetch https://git/x HEAD): exit status 128: {{ stdout: "", stderr: {json.dumps(STDERR)} }}'


def add_sync(fake: FakeKube, component: str, name: str, state: dict[str, Any] | None = None, **more: Any) -> None:
    status = {"initContainerStatuses": [{"name": "git-sync", **(STARTED if state is None else state)}]}
    pod = add_pod(fake, component, name, status=status, **more)
    pod["spec"]["initContainers"] = [{"name": "wait"}, {"name": "git-sync"}]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Let every pod answer; the command lines that came are returned."""
    calls: list[list[str]] = []
    monkeypatch.setattr("kitctl.tools.toolbox.tool", lambda name: name)
    answer = Result(0, json.dumps(["/dags/.worktrees/0123abc", 5.5, ""]), "")
    monkeypatch.setattr(git_sync, "run", lambda argv, **_: calls.append(argv) or answer)
    return calls


def answers(monkeypatch: pytest.MonkeyPatch, result: Result) -> None:
    monkeypatch.setattr(git_sync, "run", lambda argv, **_: result)


def test_every_pod_with_git_sync_is_asked_in_its_main_container(fake: FakeKube, asked: list[list[str]]):
    add_sync(fake, "triggerer", "trig-1")
    add_sync(fake, "dag-processor", "dagp-1")
    add_sync(fake, "dag-processor", "gone", deletionTimestamp="2026-01-01T00:00:00Z")
    add_pod(fake, "scheduler", "sched-1")
    found = syncs(make_release(fake, values=GIT))
    assert found == [Sync("dag-processor", "dagp-1", "0123abc", 5.5), Sync("triggerer", "trig-1", "0123abc", 5.5)]
    assert [argv[argv.index("exec") + 1 : argv.index("--")] for argv in asked] == [
        ["dagp-1", "-c", "dag-processor"],
        ["trig-1", "-c", "triggerer"],
    ]
    assert asked[0][-2:] == ["/dags/repo", "/dags/.sync-error.json"]
    assert [s.pod for s in syncs(make_release(fake, values=GIT), "triggerer")] == ["trig-1"]


def test_a_sync_at_once_is_asked_for_by_the_shell_alone(fake: FakeKube, asked: list[list[str]]):
    add_sync(fake, "dag-processor", "dagp-1")
    add_sync(fake, "scheduler", "sched-1")
    look_now(make_release(fake, values=GIT))
    signals = [argv[argv.index("exec") + 1 :] for argv in asked if "git-sync" in argv]
    assert signals == [[pod, "-c", "git-sync", "--", "sh", "-c", "kill -HUP 1"] for pod in ("dagp-1", "sched-1")]


def test_a_sync_that_failed_says_why_in_gits_words(fake: FakeKube, monkeypatch: pytest.MonkeyPatch, asked: Any):
    add_sync(fake, "dag-processor", "dagp-1")
    report = json.dumps({"Msg": "error syncing repo, will retry", "Err": ERROR, "Args": {"failCount": 3}})
    answers(monkeypatch, Result(0, json.dumps(["/dags/repo", 0, report]), ""))
    (found,) = syncs(make_release(fake, values=GIT))
    assert (found.commit, found.error) == ("", f"error syncing repo, will retry: {STDERR}")


@pytest.mark.parametrize("result", [Result(1, "", "no exec for you\n"), KitError("command-timeout", "no exec for you")])
def test_a_pod_that_does_not_answer_says_why(fake: FakeKube, monkeypatch: Any, asked: Any, result: Any):
    def run(argv: Any, **_: Any) -> Any:
        if isinstance(result, KitError):
            raise result
        return result

    add_sync(fake, "dag-processor", "dagp-1")
    monkeypatch.setattr(git_sync, "run", run)
    assert syncs(make_release(fake, values=GIT))[0].trouble == "no exec for you"


RETRY = json.dumps({"level": 0, "msg": "error syncing repo, will retry", "error": ERROR, "failCount": 1})
INFO = json.dumps({"level": 0, "msg": "initializing repo directory"})


@pytest.mark.parametrize(
    ("state", "log", "error"),
    [
        ({"started": False, "state": {"running": {}}}, f"INFO: detected pid 1\n{INFO}\n", ""),
        (
            {"started": False, "state": {"running": {}}},
            f"{INFO}\n{RETRY}\n",
            f"error syncing repo, will retry: {STDERR}",
        ),
        (
            {"state": {"waiting": {"reason": "CrashLoopBackOff"}}},
            "FATAL: required flag: --repo",
            "FATAL: required flag: --repo",
        ),
        ({"state": {"waiting": {"reason": "PodInitializing"}}}, "", ""),
    ],
    ids=["first clone", "first sync fails", "crash", "not begun"],
)
def test_before_its_first_commit_its_log_is_read(
    fake: FakeKube, asked: Any, state: dict[str, Any], log: str, error: str
):
    add_sync(fake, "dag-processor", "dagp-1", state)
    fake.logs["dagp-1"] = log
    assert syncs(make_release(fake, values=GIT)) == [Sync("dag-processor", "dagp-1", error=error)]
    assert asked == []


def test_who_may_not_list_pods_gets_none(fake: FakeKube):
    fake.denied.add(("list", "pods"))
    assert syncs(make_release(fake, values=GIT)) == []


def test_words_of_a_log_that_json_cannot_unquote_stay():
    error = r'exit status 1: { stdout: "", stderr: "a\x00b" }'
    assert log_words(json.dumps({"msg": "m", "error": error})) == r'm: "a\x00b"'
    assert log_words("one\n\ntwo\n3\n") == "one\ntwo\n3"
    assert log_words(json.dumps({"msg": "m", "error": "plain"})) == "m: plain"


def test_what_is_run_in_the_pod_tells_commit_time_of_the_link_and_error(tmp_path: Any):
    (tmp_path / "abc").mkdir()
    link, report = tmp_path / "repo", tmp_path / "error"
    link.symlink_to("abc")
    os.utime(tmp_path / "abc", (1, 1))
    os.utime(link, (7, 7), follow_symlinks=False)

    def told() -> list[object]:
        argv = [sys.executable, "-I", "-c", git_sync._LOOK, str(link), str(report)]
        return list(json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout))

    assert told() == [str(tmp_path / "abc"), 7.0, ""]
    link.unlink()
    report.write_text("no\n")
    assert told() == [str(link), 0, "no\n"]
