"""DAGs that tell their version, and how the tests of the DAG modes follow them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.git.server import GitServer
from tests.e2e.kit import Kit, finish, start_run, wait_for

SEEN = 150
"""Seconds until a change is parsed: a period, a refresh, a parse, all of them on a busy machine."""
SEEN_AFTER_RESTART = SEEN + 135
"""The same after the server was away: to a connection that was begun as its pod went nobody answers any more, not even
with a refusal, and git has no time-out of its own; the kernel gives up after 127 s."""

_STORY = """
from airflow.sdk import dag, task

@dag(schedule=None, tags=["VERSION"], params={"seconds": 0})
def story():
    @task
    def first(params):
        import time
        time.sleep(params["seconds"])
        return "VERSION"
    @task
    def second(before):
        return before + " VERSION"
    second(first())

story()
"""
_SHORT = """
from airflow.sdk import dag, task
IMPORT

@dag(schedule=None, tags=["VERSION"])
def NAME():
    @task
    def tell():
        return WORDS
    tell()

NAME()
"""
BROKEN = "from airflow.sdk import DAG\n\nthis is no Python\n"
"""A file that does not import."""
SMALL = {
    "apiServer": {"resources": {"requests": {"cpu": "50m"}}},
    "scheduler": {"resources": {"requests": {"cpu": "50m"}}},
    "dagProcessor": {"resources": {"requests": {"cpu": "50m"}}},
    "triggerer": {"enabled": False},
    "postgres": {"resources": {"requests": {"cpu": "50m"}}, "storage": {"size": "1Gi"}},
    "logs": {"persistence": {"size": "1Gi"}},
    "workers": {"resources": {"requests": {"cpu": "50m", "memory": "200Mi"}}},
}
"""A release of its own beside that of the session: small."""


def follow(standin: str, period: int = 5) -> dict[str, Any]:
    """Return values with which a release runs git-sync's stand-in, and looks for changes often.

    Args:
        standin: Its image.
        period: Seconds between two looks of git-sync; bundles look each 5 s.
    """
    repository, _, tag = standin.rpartition(":")
    git = {"periodSeconds": period, "caBundleConfigMap": "git-ca", "maxFailures": 100}
    git["image"] = {"repository": repository, "tag": tag}
    return {"dags": {"refreshSeconds": 5, "git": git, "bundle": {"caBundleConfigMap": "git-ca"}}}


def quick(standin: str) -> dict[str, Any]:
    """Return the same for a small release of its own."""
    return {**SMALL, **follow(standin)}


def values_file(folder: Path, values: dict[str, Any]) -> Path:
    """Write values (JSON is YAML) and return the file."""
    path = folder / "values.yaml"
    path.write_text(json.dumps(values))
    return path


def story(version: str) -> str:
    """Return a DAG of two tasks that both tell a version."""
    return _STORY.replace("VERSION", version)


def short(name: str, version: str, words: str = "", imports: str = "") -> str:
    """Return a DAG of one task.

    Args:
        name: Its id.
        version: Its tag.
        words: The expression that the task returns; empty means the version.
        imports: A line of imports.
    """
    text = _SHORT.replace("NAME", name).replace("VERSION", version).replace("IMPORT", imports)
    return text.replace("WORDS", words or repr(version))


def by_https(git: GitServer) -> list[str]:
    """Return the options with which a release reads the folder `flows` of a repository by password."""
    words = ["--git-repo", git.https, "--git-secret", "git-https", "--git-auth", "https"]
    return [*words, "--git-ref", "main", "--git-sub-path", "flows"]


def up(kit: Kit, *words: str | Path) -> AirflowApi:
    """Bring the release into a mode, and return its API."""
    kit("up", "--no-smoke", "-o", "json", *words, timeout=600).ok()
    return kit.api()


def seen(api: AirflowApi, version: str, dag_id: str = "story", *, timeout: float = SEEN) -> None:
    """Wait until a version of a story is parsed."""

    def look() -> bool:
        dag = api.dag(dag_id) or {}
        return not dag.get("is_stale", True) and any(t["name"] == version for t in dag.get("tags", []))

    wait_for(f"version {version} of {dag_id} to be parsed", look, timeout=timeout)


def result(api: AirflowApi, run_id: str, task: str = "second", dag_id: str = "story") -> Any:
    """Return what a task of a story returned."""
    path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task}/xcomEntries/return_value"
    return api.get(path, params={"deserialize": True})["value"]


def tells(api: AirflowApi, version: str) -> None:
    """Run the story once: it must say the version, in both of its pods."""
    seen(api, version)
    run_id = start_run(api, "story", timeout=SEEN)
    assert finish(api, "story", run_id, timeout=240) == "success"
    assert result(api, run_id) == f"{version} {version}"


def said(api: AirflowApi, dag_id: str, run_id: str) -> Any:
    """Wait for the end of a short DAG's run, and return what its task told."""
    assert finish(api, dag_id, run_id, timeout=240) == "success"
    return result(api, run_id, "tell", dag_id)


def halfway(api: AirflowApi, seconds: int) -> str:
    """Start a run of the story and return its id once the first task runs, which then takes some seconds."""
    run_id = start_run(api, "story", {"seconds": seconds}, timeout=SEEN)

    def running() -> bool:
        return "running" in {t["state"] for t in api.task_instances("story", run_id)}

    wait_for("the first task to run", running, timeout=120)
    return run_id


def gone(api: AirflowApi, dag_id: str) -> None:
    """Wait until Airflow has seen that a DAG is no more."""
    wait_for(f"{dag_id} to be gone", lambda: (api.dag(dag_id) or {}).get("is_stale", True), timeout=SEEN, pause=2)


def hurry(kit: Kit, component: str) -> None:
    """Have the kubelet look at the Secrets of a component's pods now; by itself it does so about once a minute."""
    selector = f"app.kubernetes.io/instance={kit.release},app.kubernetes.io/component={component}"
    kit.kubectl("annotate", "pods", "-l", selector, "--overwrite", f"e2e/looked={time.time():.0f}").ok()


def remove(kit: Kit) -> None:
    """Remove a release with its namespace, without waiting for anybody's last words; `down` has tests of its own."""
    kit.kubectl("delete", "deployments,statefulsets,jobs", "--all", "--wait=false")
    kit.kubectl("delete", "pods", "--all", "--force", "--grace-period=0", "--timeout=60s", timeout=90)
    kit.kubectl("delete", "namespace", kit.namespace, "--timeout=90s", namespace="default", timeout=120)
