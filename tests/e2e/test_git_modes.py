"""What each way that DAGs can arrive must bear, on one small release, which changes its mode while it runs.

A file that does not import, deletion, rewritten history, a server that goes away, a new password or key, another image
under the same name. That a change arrives at all, and in the middle of a run, is in test_dag_modes.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.git import images
from tests.e2e.git.server import NAMESPACE, GitServer, server
from tests.e2e.git.stories import (
    BROKEN,
    SEEN,
    SEEN_AFTER_RESTART,
    by_https,
    gone,
    hurry,
    quick,
    remove,
    seen,
    short,
    story,
    tells,
    up,
    values_file,
)
from tests.e2e.kit import CLUSTER, Kit, finish, start_run, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]
TAG = "registry.example.com/team/flow:latest"


@pytest.fixture(scope="module")
def modes(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A release of its own, not made yet; small, and quick to look for changes."""
    standin = images.git_sync_standin()
    images.load(CLUSTER, standin)
    values = values_file(tmp_path_factory.mktemp("values"), quick(standin))
    mine = kit.sibling("e2e-modes", "modes")
    mine.env = {**kit.env, "KITCTL_VALUES": str(values), "KITCTL_NODE_PORT": "30819"}
    mine.kubectl("create", "namespace", mine.namespace, namespace="default")  # the Secrets of git go first
    yield mine
    remove(mine)


@pytest.fixture(scope="module")
def git(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """The git server, holding version 1."""
    made = server(kit, tmp_path_factory.mktemp("git"))
    made.commit({"flows/story.py": story("one"), "README": "x"})
    yield made
    kit.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s", namespace="default", timeout=90)


def report(kit: Kit) -> Any:
    """Return what `kitctl status` reports."""
    return kit("status", "-o", "json").json


def errors(kit: Kit) -> list[str]:
    """Return the files that `kitctl status` reports as broken."""
    return [str(e.get("file") or e.get("filename")) for e in report(kit)["import_errors"]]


def test_git_a_broken_file_stops_no_other_and_is_shown(modes: Kit, git: GitServer) -> None:
    git.credentials(modes.namespace)
    tells(up(modes, "--dag-mode", "git", *by_https(git)), "one")
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
    wait_for("git-sync to notice", lambda: "error syncing repo" in sync_log(modes), timeout=60, pause=2)
    wait_for("status to name it", lambda: "git-sync fails" in str(report(modes)["problems"]), timeout=60, pause=2)
    assert not (api.dag("story") or {}).get("is_stale", True)
    # A task that starts meanwhile goes on trying, longer than the ten times of a sidecar, and says why it waits.
    run_id = start_run(api, "story", timeout=SEEN)
    wait_for("the task to have tried often", lambda: '"failCount": 12' in init_log(modes), timeout=240, pause=3)
    told = modes("logs", "--dag", "story", "--task", "first", "--run", run_id, "-o", "json")
    assert (told.code, told.error["id"]) == (1, "task-not-started")
    assert "container git-sync-init of pod" in told.error["cause"]
    git.scale(1)
    assert finish(api, "story", run_id, timeout=SEEN_AFTER_RESTART) == "success"
    wait_for("status to be content", lambda: not report(modes)["problems"], timeout=SEEN_AFTER_RESTART, pause=2)
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


def init_log(kit: Kit) -> str:
    """Return what the git-sync of the worker pods wrote; nothing before it starts."""
    selector = "app.kubernetes.io/component=worker"
    return kit.kubectl("logs", "-l", selector, "-c", "git-sync-init", "--tail=-1").out


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


def test_bundle_a_broken_file_stops_no_other_and_is_shown(modes: Kit, git: GitServer) -> None:
    git.commit({"flows/story.py": story("bundled")})
    tells(up(modes, "--dag-mode", "bundle", *by_https(git)), "bundled")
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
