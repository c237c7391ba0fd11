"""What repositories can be besides a branch: tags, commits, folders, submodules, several at once, GitHub Apps.

One release goes from mode git to mode bundle; in between, everything that may be wrong with a repository is refused
before the release changes. DAGs tell what their pods found.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.git import images
from tests.e2e.git.repositories import Repositories, made
from tests.e2e.git.server import APP, HOST, NAMESPACE, server
from tests.e2e.git.stories import SEEN, SEEN_AFTER_RESTART, hurry, quick, remove, said, seen, short, up, values_file
from tests.e2e.kit import CLUSTER, Kit, finish, start_run, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def repos(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repositories]:
    """The git server with its repositories."""
    yield made(server(kit, tmp_path_factory.mktemp("git")))
    kit.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s", namespace="default", timeout=90)


@pytest.fixture(scope="module")
def release(kit: Kit, repos: Repositories, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A small release of its own, not made yet, with the Secrets that its repositories need."""
    standin = images.git_sync_standin()
    images.load(CLUSTER, standin)
    # With a triggerer, which reads DAGs as the dag-processor does and has to become ready in both modes.
    values = values_file(tmp_path_factory.mktemp("values"), {**quick(standin), "triggerer": {"enabled": True}})
    mine = kit.sibling("e2e-features", "features")
    mine.env = {**kit.env, "KITCTL_VALUES": str(values), "KITCTL_NODE_PORT": "30829"}
    mine.kubectl("create", "namespace", mine.namespace, namespace="default")
    repos.dags.credentials(mine.namespace)
    yield mine
    remove(mine)


def at(kit: Kit, source: str, commit: str) -> None:
    """Wait until `kitctl status` shows a commit of a repository."""

    def look() -> bool:
        found = kit("status", "-o", "json").json["sources"]
        return any((s["name"], s["commit"]) == (source, commit) for s in found)

    wait_for(f"status to show {commit[:12]} of {source}", look, timeout=SEEN, pause=2)


def smokes(api: AirflowApi) -> None:
    """Run the kit's smoke DAG, which has a bundle of its own beside the mode's."""
    assert finish(api, "kit_smoke", start_run(api, "kit_smoke", timeout=SEEN), timeout=240) == "success"


def login(git: str, secret: str, kind: str, *more: str) -> list[str]:
    return ["--dag-mode", "git", "--git-repo", git, "--git-secret", secret, "--git-auth", kind, *more]


def test_git_follows_a_tag_in_a_folder_with_submodules_and_some_history(release: Kit, repos: Repositories) -> None:
    words = login(repos.dags.https, "git-https", "https", "--git-ref", "v1", "--git-sub-path", "flows")
    api = up(release, *words, "--set", "dags.git.depth=2")
    seen(api, "tagged", "composed")
    run_id = start_run(api, "composed", timeout=SEEN)
    assert said(api, "composed", run_id) == "word of the submodule"
    at(release, "dags", repos.tagged)
    smokes(api)
    count = ["git", "-c", "safe.directory=*", "-C", "/git/repo", "rev-list", "--count", "HEAD"]
    pod = release.kubectl("exec", "deploy/features-airflow-dag-processor", "-c", "git-sync", "--", *count)
    assert pod.ok().out.strip() == "2"


def _wrong(repos: Repositories) -> dict[str, tuple[str, list[str]]]:
    """Return what to try: name → (id of the error, the options)."""
    https, ssh, plain = repos.dags.https, repos.dags.ssh, repos.dags.plain
    no_ca = ["--set", "dags.git.caBundleConfigMap="]
    return {
        "password": ("git-login-refused", login(https, "wrong-password", "https")),
        "no login": ("git-login-refused", ["--git-repo", https]),
        "host key": ("git-host-key-refused", login(ssh, "wrong-host", "ssh")),
        "Secret": ("git-secret-incomplete", login(https, "nowhere", "https")),
        "CA": ("git-certificate-refused", login(https, "git-https", "https", *no_ca)),
        "ref": ("git-ref-missing", ["--git-repo", plain, "--git-ref", "no-such-branch"]),
        "repository": ("git-repo-missing", login(https.replace("dags.git", "no.git"), "git-https", "https")),
        "repository by ssh": ("git-repo-missing", login(ssh.replace("dags.git", "no.git"), "git-ssh", "ssh")),
        "server": ("git-server-unreachable", ["--git-repo", f"git://{HOST}:9999/dags.git"]),
    }


def test_what_cannot_be_read_is_refused_before_anything_changes(release: Kit, repos: Repositories) -> None:
    ns, git = release.namespace, repos.dags
    git.apply_secret(ns, "wrong-password", {"username": "git", "password": "guess"})
    other = (git.folder / "client.pub").read_text().split()[:2]
    hosts = f"[{HOST}]:2222 {' '.join(other)}\n"
    git.apply_secret(ns, "wrong-host", {"ssh-key": (git.folder / "client").read_text(), "known-hosts": hosts})
    revision = release.helm("history", "features", "-o", "json").ok().json[-1]["revision"]
    before = release.lasting()
    for name, (error_id, words) in _wrong(repos).items():
        mode = [] if "--dag-mode" in words else ["--dag-mode", "git"]
        done = release("deploy", "-o", "json", *mode, *words, timeout=180)
        assert (done.code, done.error["id"]) == (3, error_id), f"{name}: {done.out} {done.err[-2000:]}"
    assert release.helm("history", "features", "-o", "json").ok().json[-1]["revision"] == revision
    assert release.lasting() == before


def test_git_follows_a_commit_that_is_no_tip(release: Kit, repos: Repositories) -> None:
    words = ["--dag-mode", "git", "--git-repo", repos.dags.plain, "--git-ref", repos.first]
    api = up(release, *words)
    seen(api, "first", "early")
    at(release, "dags", repos.first)


def test_a_run_right_after_another_commit_is_deployed_runs_that(release: Kit, repos: Repositories) -> None:
    first, second = (repos.dags.commit({"told.py": short("told", "told", repr(word))}) for word in ("one", "two"))
    words = ["--dag-mode", "git", "--git-repo", repos.dags.plain, "--git-ref"]
    api = up(release, *words, first)
    seen(api, "told", "told")
    assert said(api, "told", start_run(api, "told", timeout=SEEN)) == "one"
    # Nothing is waited for: the kubelet would take up to a minute to bring a new pod template to a scheduler that runs.
    api = up(release, *words, second)
    assert said(api, "told", start_run(api, "told", timeout=SEEN)) == "two"


PLUGIN = """
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable


class Fortnight(Timetable):
    description = "every second week"

    def infer_manual_data_interval(self, *, run_after):
        return DataInterval.exact(run_after)

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        last = last_automated_data_interval
        return DagRunInfo.exact((last.end if last else restriction.earliest).add(weeks=2))


class FortnightPlugin(AirflowPlugin):
    name = "fortnight"
    timetables = [Fortnight]
"""
SCHEDULED = """
import pendulum
from airflow.sdk import DAG
from airflow.providers.standard.operators.empty import EmptyOperator
from fortnight import Fortnight

with DAG("fortnightly", schedule=Fortnight(), start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), catchup=False):
    EmptyOperator(task_id="nothing")
"""


def test_a_timetable_of_the_repository_schedules(release: Kit, repos: Repositories) -> None:
    files = {"plugins/fortnight.py": PLUGIN, "fortnightly.py": SCHEDULED, ".airflowignore": "plugins/\n"}
    words = ["--dag-mode", "git", "--git-repo", repos.dags.plain, "--git-ref", repos.dags.commit(files)]
    api = up(release, *words, "--set", "dags.plugins=plugins")

    def scheduled() -> bool:
        return bool((api.dag("fortnightly") or {}).get("next_dagrun_run_after"))

    wait_for("the timetable to give the DAG its next run", scheduled, timeout=SEEN_AFTER_RESTART, pause=2)
    assert (api.dag("fortnightly") or {})["timetable_description"] == "every second week"
    for component in ("scheduler", "api-server", "dag-processor", "triggerer"):
        assert "fortnight" in release("exec", component, "--", "airflow", "plugins").ok().out, component


def bundles(repos: Repositories) -> dict[str, Any]:
    """Return three bundles: a tag with a folder and submodules, a commit by ssh, and a GitHub App's repository."""
    app = {"type": "github-app", "secret": "git-app", "githubBaseUrl": f"https://{HOST}:8443/api/v3"}
    app |= {"githubAppId": APP["id"], "githubInstallationId": APP["installation"]}
    common = {"refreshSeconds": 5}
    team = {"name": "team", "repo": repos.dags.https, "ref": "v1", "subPath": "flows", "submodules": True, **common}
    items = [
        {**team, "credentials": {"type": "https", "secret": "git-https"}},
        {
            "name": "pinned",
            "repo": repos.shared.ssh,
            "ref": repos.pinned,
            "credentials": {"type": "ssh", "secret": "git-ssh"},
            **common,
        },
        {"name": "app", "repo": repos.app.https, "credentials": app, **common},
    ]
    return {"dags": {"mode": "bundle", "bundle": {"items": items, "cache": {"size": "1Gi"}}}}


def test_bundles_of_several_repositories_share_a_cache(release: Kit, repos: Repositories, tmp_path: Path) -> None:
    more = values_file(tmp_path, bundles(repos))
    release.env["KITCTL_VALUES"] += f":{more}"
    api = up(release)
    versions = {"composed": "tagged", "pinned": "pinned", "by_app": "by the app"}
    runs = {}
    for dag_id, version in versions.items():
        seen(api, version, dag_id)
        runs[dag_id] = start_run(api, dag_id, timeout=SEEN)
    assert said(api, "composed", runs["composed"]) == "word of the submodule"
    assert said(api, "pinned", runs["pinned"]) == "pinned"
    assert said(api, "by_app", runs["by_app"]) == "by the app"
    for name, commit in (("team", repos.tagged), ("pinned", repos.pinned), ("app", repos.by_app)):
        at(release, name, commit)
    smokes(api)


def test_a_new_key_of_the_app_needs_no_restart(release: Kit, repos: Repositories) -> None:
    before = release.lasting()
    repos.app.rotate_app_key()
    for repository in (repos.dags, repos.shared):
        repository.push()
    repos.dags.credentials(release.namespace)
    repos.app.commit({"by_app.py": short("by_app", "by the new key")})
    hurry(release, "dag-processor")
    api = release.api()
    seen(api, "by the new key", "by_app", timeout=SEEN_AFTER_RESTART)
    assert said(api, "by_app", start_run(api, "by_app", timeout=SEEN)) == "by the new key"
    assert release.lasting() == before


def test_a_wrong_key_of_the_app_is_refused(release: Kit, repos: Repositories, tmp_path: Path) -> None:
    repos.dags.apply_secret(release.namespace, "wrong-app", {"github-app-private-key": repos.other_key()})
    values = bundles(repos)
    values["dags"]["bundle"]["items"][2]["credentials"]["secret"] = "wrong-app"
    base = release.env["KITCTL_VALUES"].split(":")[0]
    done = release("deploy", "-o", "json", "-f", base, "-f", values_file(tmp_path, values), timeout=180)
    assert done.error["id"] == "git-login-refused"
    assert "git_credential.py" in done.error["cause"]


def test_with_a_cache_a_task_needs_no_server(release: Kit, repos: Repositories) -> None:
    repos.dags.scale(0)
    api = release.api()
    run_id = start_run(api, "pinned", timeout=SEEN)
    assert finish(api, "pinned", run_id, timeout=240) == "success"
