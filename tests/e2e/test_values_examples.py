"""The values files that users start from: each that fits a node of two cores comes up there and runs a DAG."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.git.stories import SMALL, remove
from tests.e2e.kit import ROOT, Kit

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]
FOLDER = ROOT / "values-examples"
ELSEWHERE = {
    "baked-image": "its image is in a registry of the user's; test_main_job runs such an image",
    "celery-keda": "needs KEDA; test_autoscaling runs it",
    "existing-secret": "its keys are the user's; test_shapes runs it",
    "external-database": "test_tls runs an external database",
    "git-bundle": "test_git_features runs bundles",
    "git-github-app": "test_git_features logs in by a GitHub App",
    "git-https": "test_git_modes logs in by a token",
    "git-public": "test_git_modes reads a repository without a log-in",
    "git-ssh": "test_git_modes logs in by SSH",
    "gitops-argocd": "its repository is the user's; test_plain_helm installs without hooks",
    "ingress": "test_doors serves paths behind an Ingress",
    "keycloak": "needs Keycloak",
    "ldap": "tests/airflow logs in to a directory",
    "oidc-ingress": "tests/airflow logs in by a provider",
    "pgbouncer-cnpg": "needs CloudNativePG; test_pgbouncer runs PgBouncer",
    "platform-team": "its node pool, image, database and log store are the user's",
    "pvc-existing": "its claim is the user's",
    "remote-logs": "test_log_store keeps logs in a real store",
}
"""Examples that name what a single node does not have, and where their subject runs."""
FITS = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem not in ELSEWHERE)
LITTLE = {
    **SMALL,
    "triggerer": {"resources": {"requests": {"cpu": "50m"}}},
    "workers": {
        **SMALL["workers"],
        "celery": {"resources": {"requests": {"cpu": "50m", "memory": "256Mi"}}},
    },
    "flower": {"resources": {"requests": {"cpu": "20m"}}},
}
"""Smaller requests, since other releases of the session share the two cores."""


@pytest.fixture
def mine(kit: Kit) -> Iterator[Kit]:
    """A namespace that has the Secret of the examples."""
    found = kit.sibling("e2e-examples", "airflow")
    found.kubectl("create", "namespace", found.namespace, namespace="default").ok()
    found.kubectl("create", "secret", "generic", "team-objects", "--from-literal=warehouse-password=secret").ok()
    yield found
    remove(found)


def test_every_example_runs_here_or_its_subject_does_elsewhere() -> None:
    assert set(ELSEWHERE) <= {path.stem for path in FOLDER.glob("*.yaml")}
    assert len(FITS) >= 10


@pytest.mark.parametrize("name", FITS)
def test_it_comes_up_and_runs_a_dag(name: str, mine: Kit, tmp_path: Path) -> None:
    little = tmp_path / "little.yaml"
    little.write_text(json.dumps(LITTLE), encoding="utf-8")
    words = ("-f", FOLDER / f"{name}.yaml", "-f", little, "--node-port", "30814", "-o", "json")
    done = mine("up", *words, timeout=700).ok()
    assert done.json["smoke"] == "success"
    assert mine("status", "-o", "json").ok().json["healthy"] is True
