"""Which commit a release reads."""

import json
import os
import subprocess
import sys

import pytest

from kitctl.errors import KitError
from kitctl.release import dag_source
from kitctl.release.dag_source import Source, parsed, sources
from kitctl.tools.process import Result
from tests.unit.fake_release import add_pod, add_release, make_release

GIT = {"dags": {"mode": "git", "path": "/dags", "git": {"repo": "https://g.example/d.git"}}}
BUNDLES = [
    {"name": "a", "repo": "https://g.example/a.git", "ref": "v1"},
    {"name": "b", "repo": "https://g.example/b.git"},
]


@pytest.fixture
def answer(monkeypatch):
    """Let the dag-processor answer; returns the command lines that it was asked by."""
    asked = []

    def said(result):
        monkeypatch.setattr(dag_source, "run", lambda argv, **_: asked.append(argv) or result)
        return asked

    return said


def test_git_tells_the_commit_that_the_link_names(fake, answer):
    add_release(fake)
    add_pod(fake, "dag-processor", "dagp-1")
    asked = answer(Result(0, '["/dags/.worktrees/0123456789abcdef0123456789abcdef01234567", 5.0]\n', ""))
    (found,) = sources(make_release(fake, values=GIT), None)
    assert found == Source("dags", "https://g.example/d.git", "HEAD", "0123456789abcdef0123456789abcdef01234567")
    assert asked[0][-1] == "/dags/repo"


@pytest.mark.parametrize("result", [Result(0, '["/dags/repo", 5.0]\n', ""), Result(1, "", "gone")])
def test_git_before_its_first_commit_has_none(fake, answer, result):
    add_release(fake)
    add_pod(fake, "dag-processor", "dagp-1")
    answer(result)
    assert sources(make_release(fake, values=GIT), None)[0].commit == ""


def test_the_time_of_the_link_comes_along(fake, answer):
    add_release(fake)
    add_pod(fake, "dag-processor", "dagp-1")
    answer(Result(0, '["/dags/abc", 5.5]', ""))
    assert dag_source.head(make_release(fake, values=GIT)) == dag_source.Head("abc", 5.5)


def test_a_pod_that_does_not_answer_says_why(fake, answer):
    add_release(fake)
    add_pod(fake, "dag-processor", "dagp-1")
    answer(Result(1, "", "no exec for you\n"))
    assert dag_source.head(make_release(fake, values=GIT)).trouble == "no exec for you"


def test_a_pod_that_may_not_be_entered_is_no_error(fake, monkeypatch):
    def refused(*_, **__):
        raise KitError("command-timeout", "no")

    add_release(fake)
    add_pod(fake, "dag-processor", "dagp-1")
    monkeypatch.setattr(dag_source, "run", refused)
    assert sources(make_release(fake, values=GIT), None)[0].commit == ""


class Api:
    def __init__(self, dags):
        self.found = dags

    def dags(self, bundle_name):
        if isinstance(self.found, KitError):
            raise self.found
        return self.found[bundle_name]


def test_each_bundle_tells_the_version_that_was_read_last(fake):
    api = Api(
        {
            "a": [
                {"bundle_version": "new", "last_parsed_time": "2026-11-22T10:00:01Z"},
                {"bundle_version": "old", "last_parsed_time": "2026-11-22T10:00:00Z"},
            ],
            "b": [],
        }
    )
    values = {"dags": {"mode": "bundle", "bundle": {"items": BUNDLES}}}
    found = sources(make_release(fake, values=values), api)
    assert [(s.name, s.ref, s.commit) for s in found] == [("a", "v1", "new"), ("b", "main", "")]


def test_a_silent_api_leaves_the_commit_open():
    assert parsed(None, "a") == ""
    assert parsed(Api(KitError("api-unreachable", "no")), "a") == ""


def test_other_modes_read_no_repository(fake):
    assert sources(make_release(fake, values={"dags": {"mode": "pvc"}}), None) == []


def test_what_is_run_in_the_pod_tells_commit_and_time_of_the_link(tmp_path):
    (tmp_path / "abc").mkdir()
    link = tmp_path / "repo"
    link.symlink_to("abc")
    os.utime(tmp_path / "abc", (1, 1))
    os.utime(link, (7, 7), follow_symlinks=False)

    def told() -> list[object]:
        argv = [sys.executable, "-I", "-c", dag_source._LOOK, str(link)]
        return list(json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout))

    assert told() == [str(tmp_path / "abc"), 7.0]
    link.unlink()
    assert told() == [str(link), 0]
