"""Two releases in one namespace, with equal DAG ids and run ids; one loses its scheduler: nothing crosses.

Each has Celery workers and worker pods. Their schedulers have the same number in the database of each, so that only the
name of the release tells the worker pods of the two apart.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.git.stories import SMALL
from tests.e2e.kit import Kit, finish, log_text, states, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1800)]
DAGS = Path(__file__).parent / "twin_dags"
DAG, RUN = "e2e_twins", "twins"
TASKS = 3
SCHEDULER = "airflow-worker"
"""Label of a worker pod: the number of its scheduler."""
INSTANCE = "app.kubernetes.io/instance"
ALL = {(name, index) for name in ("in_worker", "in_pod") for index in range(TASKS)} | {
    (f"{name}_after", -1) for name in ("in_worker", "in_pod")
}


def values(release: str) -> dict[str, Any]:
    """Return small values with both executors; each task finds the name of its release in the environment."""
    celery = {"concurrency": 4, "resources": {"requests": {"cpu": "50m", "memory": "400Mi"}}}
    return {
        **SMALL,
        "executors": ["CeleryExecutor", "KubernetesExecutor"],
        "env": [{"name": "E2E_RELEASE", "value": release}],
        "workers": {**SMALL["workers"], "celery": celery},
        "broker": {"redis": {"resources": {"requests": {"cpu": "50m"}}}},
    }


@pytest.fixture(scope="module")
def twins(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Kit]]:
    """Two releases of one namespace; the name of one begins with that of the other."""
    folder = tmp_path_factory.mktemp("twins")
    found = [kit.sibling("e2e-twins", name) for name in ("airflow", "airflow-two")]
    for number, twin in enumerate(found):
        path = folder / f"{twin.release}.json"
        path.write_text(json.dumps(values(twin.release)), encoding="utf-8")
        twin.env = {**kit.env, "KITCTL_VALUES": str(path), "KITCTL_NODE_PORT": str(30831 + number)}
        twin("up", "--dags", DAGS, "--dag-mode", "image", "--no-smoke", timeout=1200).ok()
    yield found
    for twin in reversed(found):  # the last test takes one of them down itself
        twin("down", "--volumes", timeout=400)


def scheduler(twin: Kit) -> str:
    """Return the name of the pod of the scheduler, when it is ready."""

    def ready() -> str:
        found = [p for p in twin.pods("scheduler") if not p["metadata"].get("deletionTimestamp")]
        good = [p for p in found if all(c["ready"] for c in p["status"].get("containerStatuses", [{"ready": False}]))]
        return str(good[0]["metadata"]["name"]) if len(found) == len(good) == 1 else ""

    return wait_for(f"the scheduler of {twin.release}", ready, timeout=180, pause=1)


def restarted(twin: Kit) -> None:
    """Kill the scheduler, and wait for the next."""
    before = scheduler(twin)
    twin.kubectl("delete", "pod", before, "--force", "--grace-period=0").ok()
    wait_for("another scheduler", lambda: scheduler(twin) != before, timeout=180)


def number(api: AirflowApi) -> int:
    """Return the number of the newest scheduler in the database of a release."""
    jobs = api.get("/api/v2/jobs?job_type=SchedulerJob&order_by=-id&limit=1")["jobs"]
    return int(jobs[0]["id"])


@pytest.fixture(scope="module")
def apis(twins: list[Kit]) -> list[AirflowApi]:
    """Sessions with both, whose schedulers have the same number."""
    found = [twin.api() for twin in twins]
    for _ in range(8):
        numbers = [number(api) for api in found]
        if numbers[0] == numbers[1]:
            return found
        restarted(twins[numbers.index(min(numbers))])
    raise AssertionError(f"the schedulers have the numbers {numbers}")


class Watch:
    """What was seen of the worker pods of the namespace.

    Attributes:
        schedulers: Numbers of the schedulers of each pod, in the order of time, by (release, pod).
    """

    def __init__(self) -> None:
        self.schedulers: dict[tuple[str, str], list[str]] = defaultdict(list)

    def look(self, twin: Kit) -> int:
        """Look once, and return how many pods there are."""
        found = twin.get("pods", "kubernetes_executor=True")
        for pod in found:
            labels = pod["metadata"]["labels"]
            seen = self.schedulers[labels[INSTANCE], pod["metadata"]["name"]]
            if labels[SCHEDULER] not in seen:
                seen.append(labels[SCHEDULER])
        return len(found)

    def names(self, release: str) -> set[str]:
        """Return the pods of a release."""
        return {name for owner, name in self.schedulers if owner == release}


@pytest.fixture(scope="module")
def seen(twins: list[Kit], apis: list[AirflowApi]) -> tuple[Watch, dict[str, str]]:
    """The same run in both releases, in the middle of which the first one loses its scheduler.

    Returns:
        What was seen of the worker pods, and the logs of the schedulers by release.
    """
    watch, before = Watch(), number(apis[0])
    for api in apis:
        begin(api)
    logs = {twin.release: "" for twin in twins}

    def running(api: AirflowApi) -> bool:
        watch.look(twins[0])
        now = states(api, DAG, RUN)
        return [now.get(f"{name}[{i}]") for name in ("in_worker", "in_pod") for i in range(TASKS)] == ["running"] * 6

    for api in apis:
        wait_for("all tasks to run", lambda one=api: running(one), timeout=300, pause=1)
    # While they run, the API server reads their logs from the pod or from the Celery worker.
    for twin, api in zip(twins, apis, strict=True):
        for task in ("in_worker", "in_pod"):
            assert f"of the release {twin.release} runs on" in log_text(api, DAG, RUN, task, index=0), task
    first = scheduler(twins[0])
    logs[twins[0].release] = twins[0].kubectl("logs", first, "-c", "scheduler").ok().out
    twins[0].kubectl("delete", "pod", first, "--force", "--grace-period=0").ok()

    def ended(api: AirflowApi) -> bool:
        watch.look(twins[0])
        return api.run(DAG, RUN)["state"] in {"success", "failed"}

    for api in apis:
        wait_for("the run to end", lambda one=api: ended(one), timeout=600, pause=1)
    assert number(apis[0]) > before
    assert number(apis[1]) == before
    # One more round of each scheduler, in which it adopts what ended without one.
    wait_for("all worker pods to go", lambda: not watch.look(twins[0]), timeout=180, pause=2)
    for twin in twins:
        logs[twin.release] += twin.kubectl("logs", scheduler(twin), "-c", "scheduler").ok().out
    return watch, logs


def begin(api: AirflowApi) -> None:
    """Start the run, whose id is the same in both releases."""
    wait_for("the DAG to be parsed", lambda: not (api.dag(DAG) or {}).get("is_stale", True), timeout=180)
    api.unpause(DAG)
    assert api.trigger(DAG, run_id=RUN)["dag_run_id"] == RUN


def test_both_runs_end_well_with_one_try_each(seen: Any, apis: list[AirflowApi]) -> None:
    for api in apis:
        assert finish(api, DAG, RUN, timeout=10) == "success"
        tasks = api.task_instances(DAG, RUN)
        assert {(t["task_id"], t["map_index"]) for t in tasks} == ALL
        assert {(t["state"], t["try_number"]) for t in tasks} == {("success", 1)}


def test_each_task_ran_once_and_in_its_own_release(seen: Any, twins: list[Kit]) -> None:
    wanted = {f"{name}[{index}]" for name, index in ALL}
    for twin in twins:
        lines = twin("exec", "api-server", "--", "cat", f"/opt/airflow/logs/{RUN}.txt").ok().out.splitlines()
        assert sorted(lines) == sorted(f"{twin.release} {ids}" for ids in wanted)


def test_every_log_is_that_of_its_own_release(seen: Any, twins: list[Kit], apis: list[AirflowApi]) -> None:
    for twin, api in zip(twins, apis, strict=True):
        for name, index in ALL:
            text = log_text(api, DAG, RUN, name, index=index)
            assert f"task {name}[{index}] of the release {twin.release} runs on" in text
            assert "came to its end" in text
            assert (f"runs on {twin.release}-celery-0" in text) == name.startswith("in_worker")
        told = twin("logs", "--dag", DAG, "--task", "in_pod_after", "--run", RUN).ok().out
        assert f"of the release {twin.release} runs on" in told


def test_no_scheduler_touched_a_pod_of_the_other(seen: tuple[Watch, dict[str, str]], twins: list[Kit]) -> None:
    watch, logs = seen
    one, two = (twin.release for twin in twins)
    assert min(len(watch.names(one)), len(watch.names(two))) >= TASKS
    for release, other in ((one, two), (two, one)):
        assert [name for name in watch.names(other) if name in logs[release]] == []
    # The scheduler that took the place of the killed one took over its pods; those of the other release kept theirs.
    adopted = [name for (release, name), numbers in watch.schedulers.items() if release == one and len(numbers) > 1]
    assert adopted
    assert all(f"adopt pod {name}" in logs[one] for name in adopted)
    assert {len(numbers) for (release, _), numbers in watch.schedulers.items() if release == two} == {1}


def test_the_cleaning_of_one_release_leaves_the_pods_of_the_other(twins: list[Kit], seen: Any) -> None:
    """Pods that ended long ago and that no scheduler deletes: those of both releases, one of which cleans."""
    one, two = twins
    for twin in twins:
        twin.kubectl("apply", "-f", "-", text=json.dumps(left_over(twin))).ok()
    wait_for("them to end", lambda: {p["status"]["phase"] for p in leftovers(one)} == {"Succeeded"}, timeout=90)
    cron = one.get("cronjob", f"{INSTANCE}={one.release},app.kubernetes.io/component=clean-pods")[0]
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "clean-now"}, **job_of(cron)}
    one.kubectl("apply", "-f", "-", text=json.dumps(job)).ok()
    one.kubectl("wait", "--for=condition=complete", "job/clean-now", "--timeout=120s", timeout=150).ok()
    assert [p["metadata"]["name"] for p in leftovers(one)] == [f"left-{two.release}"]
    assert two("status", "-o", "json").ok().json["pod_failures"] == []


def owned(twin: Kit) -> set[str]:
    """Return everything that carries the name of a release, and its keys."""
    kinds = "deploy,sts,svc,cm,sa,role,rolebinding,pvc,job,cronjob,netpol,pdb,secret"
    found = twin.kubectl("get", kinds, "-l", f"{INSTANCE}={twin.release}", "-o", "name").ok().out.split()
    return {name for name in found if "-migrate-" not in name}  # Kubernetes deletes Jobs that ended


def test_the_end_of_one_release_leaves_the_other(twins: list[Kit], apis: list[AirflowApi], seen: Any) -> None:
    one, two = twins
    before, uids = owned(one), {p["metadata"]["uid"] for p in one.pods("celery") + one.pods("postgres")}
    assert {"persistentvolumeclaim/airflow-logs", "secret/airflow-keys", "statefulset.apps/airflow-celery"} <= before
    two("down", "--volumes", timeout=400).ok()
    assert owned(two) == set()
    assert owned(one) == before
    assert {p["metadata"]["uid"] for p in one.pods("celery") + one.pods("postgres")} == uids
    again = apis[0].trigger(DAG, run_id="again")["dag_run_id"]
    assert finish(apis[0], DAG, again, timeout=400) == "success"


def left_over(twin: Kit) -> dict[str, Any]:
    """Return a pod with the labels of a worker pod of a release, which ends at once; no scheduler knows it."""
    cron = twin.get("cronjob", f"{INSTANCE}={twin.release},app.kubernetes.io/component=clean-pods")[0]
    spec = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    container = {**spec["containers"][0], "command": ["true"], "args": [], "volumeMounts": [], "env": []}
    labels = {
        "app.kubernetes.io/name": "airflow",
        INSTANCE: twin.release,
        "app.kubernetes.io/component": "worker",
        "kubernetes_executor": "True",
        "airflow_executor_done": "True",  # so that no scheduler adopts it
        "e2e": "left-over",
    }
    kept = {key: spec[key] for key in ("securityContext",) if key in spec}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"left-{twin.release}", "labels": labels},
        "spec": {"restartPolicy": "Never", "containers": [container], **kept},
    }


def leftovers(twin: Kit) -> list[dict[str, Any]]:
    return twin.get("pods", "e2e=left-over")


def job_of(cron: dict[str, Any]) -> dict[str, Any]:
    """Return the Job of a CronJob, which here takes pods of any age."""
    spec = cron["spec"]["jobTemplate"]["spec"]
    container = spec["template"]["spec"]["containers"][0]
    for words in (container.get("command"), container.get("args")):
        if words and "--minutes" in words:
            words[words.index("--minutes") + 1] = "0"
    return {"spec": spec}
