"""One cluster and one release serve all e2e tests of a session.

A session begins with a new cluster and deletes it at its end; what an interrupted one left goes first. With
KITCTL_E2E_KEEP=1 it takes up the cluster that it finds, and leaves it for the next session. Files run in the order
below: the main job first, the tests that take things away last.

A test is part of the core (marker `e2e`), which `make test` runs, unless it or its file is marked `e2e_all`.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kitctl import clusters
from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.host import Traces, only_session, traces
from tests.e2e.kit import CLUSTER, DAGS, RESULTS, ROOT, Done, Kit, claimed

ORDER = [
    "test_image",
    "test_node",
    "test_main_job",
    "test_faults",
    "test_bad_input",
    "test_plain_helm",
    "test_dag_modes",
]
LAST = ["test_cleanup"]
DUMPS = 3
"""Dumps of the cluster in one session: the first failures tell the cause, later ones mostly follow from it."""

_dumped: list[Path] = []

# A shell ignores SIGINT for what it runs in the background, and processes inherit that: no test could press Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def _rank(item: pytest.Item) -> int:
    name = item.path.stem
    if name in LAST:
        return len(ORDER) + 1
    return next((n for n, begin in enumerate(ORDER) if name.startswith(begin)), len(ORDER))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the core, and put the files in order; within a file the order stays."""
    own = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in own:
        if not item.get_closest_marker("e2e_all"):
            item.add_marker(pytest.mark.e2e)
    ordered = iter(sorted(own, key=_rank))
    items[:] = [next(ordered) if item in own else item for item in items]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Dump the cluster while it still shows why a test failed."""
    outcome = yield
    report = outcome.get_result()
    ours = "session_cluster" in getattr(item, "fixturenames", ())
    if report.failed and ours and len(_dumped) < DUMPS and clusters.made("node", CLUSTER):
        folder = RESULTS / "dump" / item.name.replace("/", "_")
        _dumped.append(folder)
        subprocess.run(
            [ROOT / "scripts" / "ci-dump", folder, CLUSTER],
            env={**os.environ, **_environment()},
            check=False,
            timeout=300,
        )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell where the dumps are."""
    for folder in _dumped:
        terminalreporter.write_line(f"cluster dump of a failure: {folder}")


def _environment() -> dict[str, str]:
    """Return what makes kitctl, helm and kubectl speak to the cluster of the tests, and to no other."""
    return {
        "KUBECONFIG": str(RESULTS / "kubeconfig"),
        "KITCTL_CLUSTER_NAME": CLUSTER,
        "KITCTL_PROVIDER": "node",
        "KITCTL_YES": "true",
        "NO_COLOR": "1",
    }


@dataclass
class Session:
    """The cluster of this session.

    Attributes:
        made_here: Whether this session made it; a kept one may be somebody's at work, and is not deleted.
        before: What the machine showed before.
        created: How `kitctl cluster create` ended.
    """

    made_here: bool
    before: Traces
    created: Done


@pytest.fixture(scope="session")
def bare_kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """The command, without asking for a cluster."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    return Kit(tmp_path_factory.mktemp("work"), _environment())


@pytest.fixture(scope="session")
def session_cluster(bare_kit: Kit) -> Iterator[Session]:
    """Make the cluster, or find a kept one; delete it at the end if it was made here."""
    keep = bool(os.environ.get("KITCTL_E2E_KEEP"))
    mark = RESULTS / "cluster-made"
    with only_session():
        if not keep:
            bare_kit("cluster", "delete", timeout=120).ok()
        made_here = not clusters.made("node", CLUSTER)
        before = traces(CLUSTER)
        if made_here:
            mark.write_text(CLUSTER)
        created = bare_kit("cluster", "create", "-o", "json", timeout=900).ok()
        yield Session(made_here, before, created)
        if made_here and not keep:
            bare_kit("cluster", "delete", timeout=120).ok()
        mark.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def kit(bare_kit: Kit, session_cluster: Session) -> Kit:
    """The command, with its cluster running."""
    assert session_cluster.created.code == 0
    return bare_kit


@pytest.fixture(scope="module", autouse=True)
def nothing_stays(bare_kit: Kit) -> Iterator[None]:
    """Leave no pod of a module to the next one: a fixture that fails before its `yield` cannot remove what it made."""
    yield
    for namespace in claimed - {bare_kit.namespace}:
        words = ("delete", "namespace", namespace, "--ignore-not-found", "--timeout=120s")
        bare_kit.kubectl(*words, timeout=150, namespace="default")
    claimed.clear()


@pytest.fixture(scope="session")
def first_up(kit: Kit, session_cluster: Session) -> Done:
    """The `kitctl up` of the session: the main job itself, with the DAGs of the tests."""
    # An earlier session (KITCTL_E2E_KEEP) leaves its release in the mode that it tested last.
    mode = [] if session_cluster.made_here else ["--dag-mode", "image"]
    return kit("up", "--dags", DAGS, *mode, "-o", "json", timeout=1500)


@pytest.fixture(scope="session")
def release(kit: Kit, first_up: Done) -> Kit:
    """The command, with the release up."""
    first_up.ok()
    return kit


@pytest.fixture(scope="module")
def main_job(release: Kit) -> Kit:
    """The release with the DAGs of the tests in its image; other modules leave it in the mode that they tested."""
    release("up", "--dags", DAGS, "--dag-mode", "image", "--no-smoke", timeout=600).ok()
    return release


@pytest.fixture(scope="session")
def api(release: Kit) -> AirflowApi:
    """A session with the REST API of the release; it outlives restarts of the api-server."""
    return release.api()
