"""The tour of the KubernetesExecutor as `kitctl up` brings it: green, with the images that it needs, and no flag."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.kit import Kit, finish, start_run, states, wait_for
from tests.e2e.test_main_job import uids

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]

TOUR = "example_kubernetes_executor"
SMALL = ",".join(
    f"{part}.resources.requests.cpu=50m" for part in ("apiServer", "scheduler", "dagProcessor", "triggerer")
)


@pytest.fixture(scope="module")
def tour(kit: Kit) -> Iterator[Kit]:
    """A release of `up` without DAGs of anybody."""
    mine = kit.sibling("e2e-tour", "tour")
    mine.env = {**kit.env, "KITCTL_SET": SMALL.replace(",", "\n"), "KITCTL_NODE_PORT": "30848"}
    mine("up", "--no-smoke", timeout=900).ok()
    yield mine
    mine("down", "--volumes", timeout=240)
    mine.kubectl("delete", "namespace", mine.namespace, "--timeout=90s", namespace="default", timeout=120)


def test_every_task_of_the_tour_is_green_and_two_run_in_another_image(tour: Kit) -> None:
    api = tour.api()
    run_id = start_run(api, TOUR)
    images: dict[str, str] = {}

    def both() -> bool:
        for pod in tour.get("pods", f"dag_id={TOUR}"):
            base = next(c for c in pod["spec"]["containers"] if c["name"] == "base")
            images[pod["metadata"]["labels"]["task_id"]] = base["image"]
        return {"other_image", "special_image"} <= set(images)

    wait_for("the pods of the two tasks", both, timeout=240, pause=0.2)
    state = finish(api, TOUR, run_id, timeout=300)
    found = states(api, TOUR, run_id)
    assert (state, set(found.values())) == ("success", {"success"}), found
    path = f"/api/v2/dags/{TOUR}/dagRuns/{run_id}/taskInstances/special_image/xcomEntries/return_value"
    assert api.get(path, params={"deserialize": True})["value"] == "/usr/bin/zip"
    assert images["special_image"].startswith("kitctl.local/example:zip-")
    assert images["other_image"] == images["special_image"]


def test_a_second_up_builds_nothing_and_changes_nothing(tour: Kit) -> None:
    before = uids(tour)
    done = tour("up", "--no-smoke", "-o", "json", timeout=300).ok()
    assert done.json["changed"] is False
    assert "building" not in done.err
    assert "loading" not in done.err
    assert uids(tour) == before
