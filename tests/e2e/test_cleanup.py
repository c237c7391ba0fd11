"""`down --volumes` removes the data, and `down --volumes --cluster` leaves nothing on the machine. Runs last."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Session
from tests.e2e.host import Traces, traces
from tests.e2e.kit import CLUSTER, Kit, run, wait_for

SPARE = "kitctl-e2e-spare"


def test_down_with_volumes_leaves_no_object_of_the_release(release: Kit) -> None:
    done = release("down", "--volumes", "-o", "json", timeout=300).ok()
    assert done.json["kept"] == []
    assert release.kubectl("get", "namespace", release.namespace).code != 0, done.err
    wait_for(
        "the volumes to be deleted",
        lambda: not [v for v in release.get("pv") if v["spec"]["claimRef"]["namespace"] == release.namespace],
        timeout=90,
    )


@pytest.fixture
def doomed(kit: Kit, session_cluster: Session) -> Iterator[tuple[Kit, str, Traces]]:
    """A cluster that may be deleted: the session's own, or a new one where the session found its cluster there."""
    if session_cluster.made_here:
        yield kit, CLUSTER, session_cluster.before
        return
    before = traces(SPARE)
    spare = Kit(kit.cwd, {**kit.env, "KITCTL_CLUSTER_NAME": SPARE})
    spare("cluster", "create", timeout=300).ok()
    yield spare, SPARE, before
    spare("cluster", "delete", timeout=120).ok()


def test_down_with_cluster_leaves_nothing_on_the_machine(doomed: tuple[Kit, str, Traces]) -> None:
    kit, name, before = doomed
    there = traces(name).beyond(before)
    assert {"processes", "interfaces", "groups", "state"} <= set(there), "the traces of a running cluster are not seen"
    kit("down", "--volumes", "--cluster", timeout=180).ok()
    left = traces(name).beyond(before)
    assert left == {}
    contexts = run(["kubectl", "config", "get-contexts", "-o", "name"], timeout=30, env=kit.env).out.split()
    assert name not in contexts


def test_deleting_an_absent_cluster_is_fine(doomed: tuple[Kit, str, Traces]) -> None:
    kit, _, _ = doomed
    kit("cluster", "delete", timeout=60).ok()
    kit("cluster", "delete", timeout=60).ok()
