"""git-sync ignores a variable that it does not know, so each name is held against the list of v4."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.chart.release import Release, render

KNOWN = set(json.loads((Path(__file__).parents[1] / "data/git-sync-v4.json").read_text(encoding="utf-8"))["names"])
GIT = ("dags.mode=git", "dags.git.repo=https://git.example.com/dags.git")
CREDENTIALS = {
    "none": (),
    "everything": ("dags.git.sparsePaths[0]=a", "dags.git.caBundleConfigMap=ca", "dags.git.sizeLimit=1Gi"),
    "https": ("dags.git.credentials.type=https", "dags.git.credentials.secret=s"),
    "ssh": (
        "dags.git.repo=git@git.example.com:dags.git",
        "dags.git.credentials.type=ssh",
        "dags.git.credentials.secret=s",
    ),
    "github-app": (
        "dags.git.credentials.type=github-app",
        "dags.git.credentials.secret=s",
        "dags.git.credentials.githubAppId=Iv1",
        "dags.git.credentials.githubInstallationId=022",
        "dags.git.credentials.githubBaseUrl=https://github.example.com/api/v3",
    ),
}


def variables(release: Release) -> set[str]:
    """Every variable of the release's git-sync containers."""
    containers = [c for pod in release.pods for c in pod.containers if c.name.startswith("git-sync")]
    assert len(containers) >= 3, "dag-processor, triggerer and worker pods run git-sync"
    return {entry.name for c in containers for entry in c.env}


@pytest.mark.parametrize("kind", CREDENTIALS)
def test_every_name_is_one_of_v4(kind: str) -> None:
    used = variables(render(sets=(*GIT, *CREDENTIALS[kind])))
    own = {"HOME"} | ({"KIT_SPARSE_CHECKSUM"} if kind == "everything" else set())
    assert used - KNOWN == own
