"""Faults in the middle of work: nothing is lost or runs twice, and an interrupted `up` is repaired by the next."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.kit import Kit, finish, log_text, start_run, states, wait_for

TASKS = 3
SECOND_PORT = "30812"


def long_run(api: AirflowApi, seconds: int) -> str:
    """Start a run of tasks that take some seconds each, and wait until all of them are running."""
    run_id = start_run(api, "e2e_long", {"seconds": seconds})

    def running() -> bool:
        return list(states(api, "e2e_long", run_id).values()).count("running") == TASKS

    wait_for("all tasks to run", running, timeout=120)
    return run_id


def ended_once(api: AirflowApi, run_id: str, timeout: float) -> None:
    """Wait for the end: green, each task at its first try, each log complete."""
    assert finish(api, "e2e_long", run_id, timeout=timeout) == "success", states(api, "e2e_long", run_id)
    assert {t["try_number"] for t in api.task_instances("e2e_long", run_id)} == {1}
    for index in range(TASKS):
        assert log_text(api, "e2e_long", run_id, "work", index=index).count(f"worker {index}: done") == 1


def delete_pods(kit: Kit, component: str) -> None:
    """Delete the pods of a component as a node failure does: at once."""
    selector = f"app.kubernetes.io/instance={kit.release},app.kubernetes.io/component={component}"
    kit.kubectl("delete", "pods", "-l", selector, "--grace-period=0", "--force", timeout=60).ok()


def ready(kit: Kit, component: str) -> None:
    """Wait until a component is ready again."""
    kit.kubectl("rollout", "status", f"deployment/{kit.release}-{component}", "--timeout=180s", timeout=200).ok()


def test_running_tasks_survive_the_deletion_of_the_scheduler(release: Kit, api: AirflowApi) -> None:
    run_id = long_run(api, 40)
    delete_pods(release, "scheduler")
    ended_once(api, run_id, timeout=240)
    ready(release, "scheduler")


def test_a_task_that_crashes_fails_and_says_why(release: Kit, api: AirflowApi) -> None:
    run_id = start_run(api, "e2e_crash")
    assert finish(api, "e2e_crash", run_id, timeout=120) == "failed"
    assert "Received SIGSEGV" in log_text(api, "e2e_crash", run_id, "crash")


def test_running_tasks_survive_a_restart_of_the_api_server(release: Kit, api: AirflowApi) -> None:
    run_id = long_run(api, 20)
    delete_pods(release, "api-server")
    ready(release, "api-server")
    # The tasks end while it is away or just back: their result must still arrive, once.
    ended_once(release.api(), run_id, timeout=240)


def test_a_database_restart_is_survived_by_every_component(release: Kit, api: AirflowApi) -> None:
    run_id = long_run(api, 30)
    release.kubectl("delete", "pod", f"{release.release}-postgres-0", timeout=180).ok()
    # The scheduler ends when its database goes, and is started again; running tasks must not notice.
    wait_for(
        "the release to be healthy",
        lambda: release("status", "-o", "json").json.get("healthy") is True,
        timeout=240,
        pause=2,
    )
    ended_once(release.api(), run_id, timeout=240)


@pytest.fixture(scope="module")
def second(release: Kit) -> Iterator[Kit]:
    """A second release on the same cluster, in its own namespace; gone with all its data afterwards."""
    kit = release.sibling("second", "second")
    yield kit
    kit("down", "--volumes", timeout=240).ok()
    assert kit.kubectl("get", "namespace", "second").code != 0, "the namespace that the kit made stayed"


def kill_when(kit: Kit, when: Callable[[], object], log: Path, *more: str) -> None:
    """Start `up` and end it, and everything it started, by SIGKILL at a moment."""
    process = kit.start("up", "--no-smoke", "--node-port", SECOND_PORT, *more, log=log)
    try:
        wait_for(
            f"the moment to kill (see {log})", lambda: process.poll() is not None or when(), timeout=300, pause=0.05
        )
        assert process.poll() is None, f"up had ended before it could be killed:\n{log.read_text()[-3000:]}"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)


def test_up_killed_after_it_made_the_keys_keeps_them(second: Kit, tmp_path: Path) -> None:
    def keys() -> str:
        return second.kubectl("get", "secret", "second-airflow-keys", "-o", "jsonpath={.data}").out

    kill_when(second, keys, tmp_path / "up.log")
    found = keys()
    done = second("up", "--no-smoke", "--node-port", SECOND_PORT, "-o", "json", timeout=600).ok()
    assert done.json["url"]
    assert keys() == found


def test_up_killed_inside_helm_converges(second: Kit, tmp_path: Path) -> None:
    def pending() -> bool:
        listed = second.helm("list", "--pending", "-q")
        return "second" in listed.out.split()

    change = ("--set", "dagProcessor.podAnnotations.round=two")
    kill_when(second, pending, tmp_path / "up.log", *change)
    assert pending(), f"helm was not in the middle of its work:\n{(tmp_path / 'up.log').read_text()[-3000:]}"
    second("up", "--no-smoke", "--node-port", SECOND_PORT, *change, timeout=600).ok()
    assert second.helm("status", "second", "-o", "json").ok().json["info"]["status"] == "deployed"
    assert second("status", "-o", "json").ok().json["healthy"] is True
    (pod,) = second.pods("dag-processor")
    assert pod["metadata"]["annotations"]["round"] == "two"


def test_two_releases_on_a_cluster_leave_each_other_alone(release: Kit, second: Kit) -> None:
    one, two = (k("credentials", "-o", "json").ok().json for k in (release, second))
    assert one["url"] != two["url"]
    assert one["password"] != two["password"]
    assert release("status", "-o", "json").ok().json["healthy"] is True
