"""Every way that a DAG can arrive, one after the other on one release, which changes its mode while it runs.

Each mode: a first run, and a change that arrives by its own way; then what it must bear: a file that does not import,
deletion, rewritten history, a server that goes away, a new password, a push in the middle of a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.git import images
from tests.e2e.git.server import NAMESPACE, GitServer, server
from tests.e2e.git.stories import (
    SEEN,
    SEEN_AFTER_RESTART,
    gone,
    halfway,
    hurry,
    quick,
    remove,
    result,
    seen,
    short,
    story,
    tells,
    up,
    values_file,
)
from tests.e2e.kit import CLUSTER, Kit, finish, wait_for

pytestmark = pytest.mark.timeout(900)
TAG = "registry.example.com/team/flow:latest"

BROKEN = "from airflow.sdk import DAG\n\nthis is no Python\n"


@pytest.fixture(scope="module")
def modes(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A release of its own, not made yet; small, and quick to look for changes."""
    standin = images.git_sync_standin()
    images.load(CLUSTER, standin)
    values = values_file(tmp_path_factory.mktemp("values"), quick(standin))
    mine = kit.sibling("e2e-modes", "modes")
    mine.env = {**kit.env, "KITCTL_VALUES": str(values), "KITCTL_NODE_PORT": "30819"}
    yield mine
    remove(mine)


@pytest.fixture(scope="module")
def git(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """The git server, holding version 1."""
    made = server(kit, tmp_path_factory.mktemp("git"))
    made.commit({"flows/story.py": story("one"), "README": "x"})
    yield made
    kit.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s", namespace="default", timeout=90)


def errors(kit: Kit) -> list[str]:
    """Return the files that `kitctl status` reports as broken."""
    report = kit("status", "-o", "json").json
    return [str(e.get("file") or e.get("filename")) for e in report["import_errors"]]


def test_pvc_a_push_changes_deletes_and_shows_what_is_broken(modes: Kit, tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "story.py").write_text(story("pushed"))
    (folder / "extra.py").write_text(short("extra", "extra"))
    api = up(modes, "--dag-mode", "pvc")
    done = modes("dags", "push", folder, "-o", "json", timeout=300).ok().json
    assert done["dags"] == ["extra", "story"]
    seen(api, "pushed")
    under_way = halfway(api, seconds=40)
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


def test_git_by_https_with_a_password(modes: Kit, git: GitServer) -> None:
    git.credentials(modes.namespace)
    repo = ["--git-repo", git.https, "--git-sub-path", "flows", "--git-secret", "git-https", "--git-auth", "https"]
    api = up(modes, "--dag-mode", "git", *repo, "--git-ref", "main")
    tells(api, "one")
    under_way = halfway(api, seconds=20)
    commit = git.commit({"flows/story.py": story("two")})
    done = modes("dags", "push", git.work / "flows", "-o", "json", timeout=SEEN).ok().json
    assert (done["commit"], done["mode"]) == (commit, "git")
    seen(api, "two")
    # The first task's pod had its clone, the second's makes a new one.
    assert finish(api, "story", under_way, timeout=240) == "success"
    assert result(api, under_way) == "one two"


def test_git_a_broken_file_stops_no_other_and_is_shown(modes: Kit, git: GitServer) -> None:
    breaks_and_deletes(modes, git)


def breaks_and_deletes(kit: Kit, git: GitServer) -> None:
    """Push a file that does not import beside good ones, then delete it, and a good one with it."""
    api = kit.api()
    git.commit({"flows/broken.py": BROKEN, "flows/story.py": story("three"), "flows/extra.py": short("extra", "three")})
    seen(api, "three")
    seen(api, "three", "extra")
    wait_for("the error to be shown", lambda: any("broken.py" in f for f in errors(kit)), timeout=SEEN, pause=2)
    git.commit({"flows/broken.py": None, "flows/extra.py": None})
    wait_for("the error to be gone", lambda: not errors(kit), timeout=SEEN, pause=2)
    gone(api, "extra")
    assert not (api.dag("story") or {}).get("is_stale", True)


def test_git_history_may_be_rewritten(modes: Kit, git: GitServer) -> None:
    git.commit({"flows/story.py": story("rewritten")}, amend=True)
    seen(modes.api(), "rewritten")


def test_git_the_server_may_go_and_come_back(modes: Kit, git: GitServer) -> None:
    before = restarts(modes)
    git.scale(0)
    api = modes.api()
    # What was synced stays: nothing restarts, and the DAG is still there.
    wait_for("git-sync to notice", lambda: "sync failed" in sync_log(modes), timeout=60, pause=2)
    assert not (api.dag("story") or {}).get("is_stale", True)
    git.scale(1)
    git.commit({"flows/story.py": story("back")})
    seen(api, "back", timeout=SEEN_AFTER_RESTART)
    assert restarts(modes) == before


def test_git_a_new_password_needs_no_restart(modes: Kit, git: GitServer) -> None:
    before = restarts(modes)
    git.rotate("another p@ss:$(word)")
    git.credentials(modes.namespace)
    git.commit({"flows/story.py": story("rotated")})
    hurry(modes, "dag-processor")
    seen(modes.api(), "rotated", timeout=SEEN_AFTER_RESTART)
    assert restarts(modes) == before


def restarts(kit: Kit) -> dict[str, int]:
    """Return how often each container of the dag-processor was started anew, by pod."""
    found = {}
    for pod in kit.pods("dag-processor"):
        statuses = [*pod["status"].get("containerStatuses", []), *pod["status"].get("initContainerStatuses", [])]
        found |= {f"{pod['metadata']['uid']}/{s['name']}": s["restartCount"] for s in statuses}
    return found


def sync_log(kit: Kit) -> str:
    return kit.kubectl("logs", "deployment/modes-airflow-dag-processor", "-c", "git-sync", "--since=60s").ok().out


def test_git_by_ssh_with_a_known_host(modes: Kit, git: GitServer) -> None:
    repo = ["--git-repo", git.ssh, "--git-sub-path", "flows", "--git-secret", "git-ssh", "--git-auth", "ssh"]
    api = up(modes, "--dag-mode", "git", *repo, "--git-ref", "main")
    git.commit({"flows/story.py": story("by ssh")})
    tells(api, "by ssh")


def test_git_a_new_ssh_key_needs_no_restart(modes: Kit, git: GitServer) -> None:
    before = restarts(modes)
    git.rotate_ssh_key()
    git.credentials(modes.namespace)
    git.commit({"flows/story.py": story("by another key")})
    hurry(modes, "dag-processor")
    seen(modes.api(), "by another key", timeout=SEEN_AFTER_RESTART)
    tells(modes.api(), "by another key")
    assert restarts(modes) == before


def test_a_bundle_keeps_the_commit_that_a_run_began_with(modes: Kit, git: GitServer) -> None:
    repo = ["--git-repo", git.https, "--git-sub-path", "flows", "--git-secret", "git-https", "--git-auth", "https"]
    git.commit({"flows/story.py": story("old")})
    api = up(modes, "--dag-mode", "bundle", *repo, "--git-ref", "main")
    seen(api, "old")
    run_id = halfway(api, seconds=50)
    left = modes("up", "--no-smoke", "--dag-mode", "pvc", "-o", "json", timeout=300, env={"KITCTL_YES": "false"})
    assert (left.code, left.error["id"]) == (3, "confirmation-needed")
    assert "need the bundle" in left.error["message"]
    assert "story" in left.error["message"]
    commit = git.commit({"flows/story.py": story("new")})
    done = modes("dags", "push", git.work, "-o", "json", timeout=SEEN)
    assert done.ok().json["commit"] == commit
    assert finish(api, "story", run_id, timeout=300) == "success"
    assert result(api, run_id) == "old old"
    tells(api, "new")


def test_bundle_a_broken_file_stops_no_other_and_is_shown(modes: Kit, git: GitServer) -> None:
    breaks_and_deletes(modes, git)


def test_bundle_history_may_be_rewritten_and_the_password_changed(modes: Kit, git: GitServer) -> None:
    before = restarts(modes)
    git.rotate("a third p@ss:$(word)")
    git.credentials(modes.namespace)
    git.commit({"flows/story.py": story("rewritten")}, amend=True)
    hurry(modes, "dag-processor")
    seen(modes.api(), "rewritten", timeout=SEEN_AFTER_RESTART)
    tells(modes.api(), "rewritten")
    assert restarts(modes) == before


def test_image_a_build_of_the_same_tag_rolls(modes: Kit, tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "story.py").write_text(story("baked"))
    for version in ("baked", "same tag"):
        # A name of the user's own, built twice: the node must take it again, and the pods must roll.
        (folder / "story.py").write_text(story(version))
        modes("image", "build", "--dags", folder, "--tag", TAG, timeout=600).ok()
        api = up(modes, "--dag-mode", "image", "--image", TAG)
        seen(api, version)
    tells(api, "same tag")
