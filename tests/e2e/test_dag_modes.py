"""Each way that DAGs can arrive, once, on the session's release, which changes its mode while it runs.

Mode image is the main job. Here a change arrives by a claim, by git-sync and by a bundle, in the middle of a run. What
each mode must bear besides (files that do not import, rewritten history, a server that goes away, new passwords) is in
test_git_modes.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.git import images
from tests.e2e.git.server import NAMESPACE, GitServer, server
from tests.e2e.git.stories import BROKEN, SEEN, by_https, follow, halfway, result, seen, short, story, up, values_file
from tests.e2e.kit import CLUSTER, Kit, finish

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def modes(release: Kit, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """The session's release; from the next `up` on, bundles look for changes often, and git-sync hardly ever."""
    standin = images.git_sync_standin()
    images.load(CLUSTER, standin)
    values = values_file(tmp_path_factory.mktemp("values"), follow(standin, period=300))
    return replace(release, env={**release.env, "KITCTL_VALUES": str(values)})


@pytest.fixture(scope="module")
def git(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """The git server, holding version 1."""
    made = server(kit, tmp_path_factory.mktemp("git"))
    made.commit({"flows/story.py": story("one"), "README": "x"})
    yield made
    made.forget_credentials(kit.namespace)
    kit.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s", namespace="default", timeout=90)


def test_pvc_a_push_changes_deletes_and_shows_what_is_broken(modes: Kit, tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "story.py").write_text(story("pushed"))
    (folder / "extra.py").write_text(short("extra", "extra"))
    api = up(modes, "--dag-mode", "pvc")
    done = modes("dags", "push", folder, "-o", "json", timeout=300).ok().json
    assert done["dags"] == ["extra", "story"]
    seen(api, "pushed")
    under_way = halfway(api, seconds=30)
    (folder / "story.py").write_text(story("again"))
    (folder / "extra.py").unlink()
    (folder / "broken.py").write_text(BROKEN)
    done = modes("dags", "push", folder, "-o", "json", timeout=300)
    assert done.code == 1
    assert [e["file"] for e in done.json["import_errors"]] == ["broken.py"]
    assert (done.json["changed"], done.json["removed"], done.json["dags"]) == (2, 1, ["story"])
    seen(api, "again")
    # The task that ran had read the file; the next one reads what is there now, and the run ends well.
    assert finish(api, "story", under_way, timeout=240) == "success"
    assert result(api, under_way) == "pushed again"
    assert (api.dag("extra") or {}).get("is_stale", True)
    assert not modes.get("pods", "app.kubernetes.io/component=dags-push")


def test_git_a_push_arrives_in_the_middle_of_a_run(modes: Kit, git: GitServer) -> None:
    git.credentials(modes.namespace)
    api = up(modes, "--dag-mode", "git", *by_https(git))
    seen(api, "one")
    under_way = halfway(api, seconds=15)
    commit = git.commit({"flows/story.py": story("two")})
    done = modes("dags", "push", git.work / "flows", "-o", "json", timeout=SEEN).ok().json
    assert (done["commit"], done["mode"]) == (commit, "git")
    assert done["seconds"] < 120, "git-sync looks each 300 s, so it was not asked"
    seen(api, "two")
    # The first task's pod had its clone, the second's makes a new one.
    assert finish(api, "story", under_way, timeout=240) == "success"
    assert result(api, under_way) == "one two"


def test_a_bundle_keeps_the_commit_that_a_run_began_with(modes: Kit, git: GitServer) -> None:
    git.credentials(modes.namespace)
    git.commit({"flows/story.py": story("old")})
    api = up(modes, "--dag-mode", "bundle", *by_https(git))
    seen(api, "old")
    run_id = halfway(api, seconds=30)
    commit = git.commit({"flows/story.py": story("new")})
    left = modes("up", "--no-smoke", "--dag-mode", "pvc", "-o", "json", timeout=300, env={"KITCTL_YES": "false"})
    assert (left.code, left.error["id"]) == (3, "confirmation-needed")
    assert "need the bundle" in left.error["message"]
    assert "story" in left.error["message"]
    done = modes("dags", "push", git.work, "-o", "json", timeout=SEEN)
    assert done.ok().json["commit"] == commit
    seen(api, "new")
    assert finish(api, "story", run_id, timeout=300) == "success"
    assert result(api, run_id) == "old old"
