"""The scripts of the minikube tutorial, with the built-in node in the place of minikube: each way ends in one release.

`start_minikube.sh` needs the real minikube; tests/unit/test_tutorial_scripts.py holds what it calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.git import images
from tests.e2e.git.server import NAMESPACE, GitServer, server
from tests.e2e.git.stories import by_https, quick, remove, story, tells, values_file
from tests.e2e.kit import CLUSTER, ROOT, Done, Kit, run

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def tutorial(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A release that only the scripts make."""
    standin = images.git_sync_standin()
    images.load(CLUSTER, standin)
    values = values_file(tmp_path_factory.mktemp("values"), quick(standin))
    mine = kit.sibling("e2e-tutorial", "tutorial")
    settings = {"PROVIDER": "node", "CLUSTER_NAME": CLUSTER, "NAMESPACE": mine.namespace, "RELEASE": mine.release}
    settings |= {"VALUES": str(values), "NODE_PORT": "30822", "SMOKE": "false"}
    mine.env = {**kit.env, **{f"KITCTL_{name}": value for name, value in settings.items()}}
    mine.kubectl("create", "namespace", mine.namespace, namespace="default")
    yield mine
    remove(mine)


@pytest.fixture(scope="module")
def git(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """The git server, holding one DAG."""
    made = server(kit, tmp_path_factory.mktemp("git"))
    made.commit({"flows/story.py": story("one"), "README": "x"})
    yield made
    kit.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s", namespace="default", timeout=90)


def script(kit: Kit, *words: str, **env: str) -> Done:
    return run([ROOT / words[0], *words[1:]], timeout=600, env={**kit.env, **env}).ok()


def report(kit: Kit) -> Any:
    return kit("status", "-o", "json").ok().json


def images_of(kit: Kit) -> set[str]:
    return {c["image"] for pod in kit.pods("scheduler") for c in pod["spec"]["containers"] if c["name"] == "scheduler"}


def test_the_image_is_built_and_runs_with_dags_on_a_volume(tutorial: Kit) -> None:
    script(tutorial, "docker/build.sh")
    script(tutorial, "scripts/deploy.sh", "-d", "persistent_mode")
    found = report(tutorial)
    assert (found["dag_mode"], found["healthy"]) == ("pvc", True)
    assert {image.rpartition("/")[2] for image in images_of(tutorial)} == {"airflow:latest"}


def test_the_same_release_takes_its_dags_from_the_repository_of_the_variables(tutorial: Kit, git: GitServer) -> None:
    git.credentials(tutorial.namespace)
    words = by_https(git)
    rest = [word for word in words if word not in ("--git-repo", git.https, "--git-ref", "main")]
    deploy = ("scripts/deploy.sh", "-d", "git_mode", *rest)
    script(tutorial, *deploy, CONFIGMAP_GIT_REPO=git.https, CONFIGMAP_BRANCH="main")
    assert report(tutorial)["dag_mode"] == "git"
    tells(tutorial.api(), "one")
