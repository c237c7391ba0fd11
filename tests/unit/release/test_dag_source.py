"""Which commit a release reads."""

from kitctl.errors import KitError
from kitctl.release.dag_source import Source, parsed, read_now, sources
from kitctl.release.git_sync import Sync
from tests.unit.fake_release import make_release

GIT = {"dags": {"mode": "git", "path": "/dags", "git": {"repo": "https://g.example/d.git"}}}
BUNDLES = [
    {"name": "a", "repo": "https://g.example/a.git", "ref": "v1"},
    {"name": "b", "repo": "https://g.example/b.git"},
]


def test_git_tells_the_commit_that_the_dag_processor_reads(fake):
    found = [Sync("dag-processor", "old", "abc", 5.0), Sync("dag-processor", "new"), Sync("triggerer", "t", "def", 9.0)]
    (source,) = sources(make_release(fake, values=GIT), None, found)
    assert source == Source("dags", "https://g.example/d.git", "HEAD", "abc")
    assert read_now(found).since == 5.0


def test_a_release_without_such_a_pod_has_no_commit(fake):
    assert sources(make_release(fake, values=GIT), None, [])[0].commit == ""
    assert read_now([Sync("triggerer", "t", "def", 9.0)]).trouble


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
    found = sources(make_release(fake, values=values), api, [])
    assert [(s.name, s.ref, s.commit) for s in found] == [("a", "v1", "new"), ("b", "main", "")]


def test_a_silent_api_leaves_the_commit_open():
    assert parsed(None, "a") == ""
    assert parsed(Api(KitError("api-unreachable", "no")), "a") == ""


def test_other_modes_read_no_repository(fake):
    assert sources(make_release(fake, values={"dags": {"mode": "pvc"}}), None, []) == []
