"""The status report: a contract that scripts rely on."""

from datetime import UTC, datetime

import pytest

from kitctl.commands.console.report import plain
from kitctl.errors import KitError
from kitctl.release.claims import ClaimState
from kitctl.release.git_sync import Sync
from kitctl.usecases import status
from kitctl.usecases.status import Component, ImportFailure, age, read_status
from tests.unit.fake_release import VALUES, FakeApi, add_pod, add_release, add_workload, make_release

KEYS = ["healthy", "context", "namespace", "release", "url", "airflow_version", "auth_manager", "executors"]
KEYS += ["dag_mode", "sources", "components", "claims", "cron_jobs", "import_errors", "pod_failures", "task_pods"]
KEYS += ["problems"]


@pytest.fixture
def look(fake):
    add_release(fake)
    return lambda **more: read_status(make_release(fake, **more))


def worker(fake, name="task-1", **notes):
    raw = {"dag_id": "d", "task_id": "t.x", "run_id": "r+1", "try_number": "2", **notes}
    return add_pod(fake, "worker", name, annotations=raw)


def test_a_healthy_release(look):
    report = look()
    assert list(plain(report)) == KEYS
    assert report.healthy is True
    assert report.problems == []
    assert report.components["postgres"] == Component(ready=1, wanted=1, restarts=0)
    assert set(report.components) == {"api-server", "scheduler", "dag-processor", "triggerer", "postgres"}
    assert (report.context, report.url, report.airflow_version) == ("test", "http://node:30809", "3.3.2")
    assert (report.executors, report.dag_mode) == (["KubernetesExecutor"], "git")


def test_a_workload_that_is_not_ready_and_why(fake, look):
    add_workload(fake, "scheduler", ready=0)
    waiting = {"name": "scheduler", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}
    add_pod(fake, "scheduler", "airflow-scheduler-0", ready=False, status={"containerStatuses": [waiting]})
    report = look()
    assert report.healthy is False
    assert report.problems == ["scheduler: 0 of 1 ready: ImagePullBackOff: no such image"]


def test_workers_that_end_their_tasks_after_a_scale_in_are_no_fault(fake, look):
    made = add_workload(fake, "celery", ready=2, wanted=1, kind="StatefulSet")
    made["status"] |= {"replicas": 2, "currentRevision": "a", "updateRevision": "a"}
    report = look()
    assert (report.healthy, report.components["celery"].wanted) == (True, 1)


def test_groups_of_celery_workers_are_one_component_and_each_counts_its_own_pods(fake, look):
    for number, group in enumerate(("celery", "celery-big"), 1):
        made = add_workload(fake, "celery", ready=number, wanted=2)
        fake.objects.pop("/apis/apps/v1/namespaces/airflow/deployments/airflow-celery")
        made["kind"], made["metadata"]["name"] = "StatefulSet", f"airflow-{group}"
        fake.add(made)
        restarted = {"name": "celery", "restartCount": number, "state": {"running": {}}}
        owner = {"kind": "StatefulSet", "name": f"airflow-{group}", "controller": True}
        status = {"containerStatuses": [restarted]}
        add_pod(fake, "celery", f"airflow-{group}-0", ownerReferences=[owner], status=status)
    report = look()
    assert report.components["celery"] == Component(ready=3, wanted=4, restarts=3)
    assert report.problems == ["celery: 1 of 2 ready"]


def test_a_part_without_a_fresh_heartbeat(look):
    parts = {**FakeApi().parts, "scheduler": {"status": "unhealthy"}, "dag_processor": {"status": None}}
    report = look(api=FakeApi(parts=parts))
    assert report.healthy is False
    assert report.problems == ["scheduler: Airflow says unhealthy", "dag-processor: Airflow says it never ran"]


def test_a_triggerer_that_is_not_wanted_may_be_silent(fake, look):
    del fake.objects["/apis/apps/v1/namespaces/airflow/deployments/airflow-triggerer"]
    assert look(api=FakeApi(parts={**FakeApi().parts, "triggerer": {"status": None}})).healthy is True


@pytest.mark.parametrize("component", ["api-server", "scheduler", "dag-processor"])
def test_what_airflow_cannot_do_without_is_scaled_to_nothing(fake, look, component):
    add_workload(fake, component, ready=0, wanted=0)
    report = look()
    assert report.healthy is False
    assert report.problems == [f"{component}: scaled to 0"]


def test_a_triggerer_scaled_to_nothing_is_fine(fake, look):
    add_workload(fake, "triggerer", ready=0, wanted=0)
    assert look().healthy is True


def test_a_dead_api_server_is_not_asked(fake, look):
    add_workload(fake, "api-server", ready=0)
    report = look(api=FakeApi(parts=KitError("x", "asked")))
    assert report.healthy is False
    assert report.url == ""
    assert report.airflow_version == "3.3.2"


def test_an_api_that_does_not_answer_is_a_problem_and_no_error(look):
    report = look(api=FakeApi(parts=KitError("api-unreachable", "does not answer")))
    assert report.problems == ["api-server: does not answer"]


def test_import_errors_do_not_make_the_release_unhealthy(look):
    trace = 'Traceback (most recent call last):\n  File "x"\nImportError: No module named foo\n\n'
    report = look(
        api=FakeApi(errors=[{"filename": "bad.py", "stack_trace": trace}, {"filename": "b", "stack_trace": ""}])
    )
    assert report.import_errors[0] == ImportFailure("bad.py", "ImportError: No module named foo")
    assert report.healthy is True


def test_a_changed_password_is_told_but_health_stays_known(look):
    report = look(api=FakeApi(errors=KitError("api-login-refused", "refused")))
    assert report.healthy is True
    assert report.problems == ["import errors are not known: refused"]


def test_task_pods_carry_the_raw_ids_of_the_annotations(fake, look):
    worker(fake)
    [pod] = plain(look())["task_pods"]
    assert pod.pop("age_seconds") > 0
    wanted = {"pod": "task-1", "dag_id": "d", "task_id": "t.x", "run_id": "r+1", "try_number": 2}
    assert pod == {**wanted, "phase": "Running", "reason": ""}


def test_task_pods_are_looked_for_where_the_executor_makes_them(fake, look):
    worker(fake)
    assert look(values={**VALUES, "workers": {"namespace": "tasks"}}).task_pods == []


def test_a_namespace_that_may_not_be_read_is_no_error(fake):
    add_release(fake)
    release = make_release(fake)
    assert release.workloads
    fake.denied.add(("list", "pods"))
    assert status.task_pods(release) == []


def test_executors_are_read_from_the_scheduler_where_helm_knows_nothing(fake):
    add_release(fake)
    scheduler = add_workload(fake, "scheduler")
    env = [{"name": "AIRFLOW__CORE__EXECUTOR", "value": "LocalExecutor,KubernetesExecutor"}]
    scheduler["spec"]["template"]["spec"]["containers"][0]["env"] = env
    report = read_status(make_release(fake, values=None))
    assert report.executors == ["LocalExecutor", "KubernetesExecutor"]
    assert report.dag_mode == ""


def test_a_viewer_who_may_not_read_helms_secrets_is_told_so_and_sees_the_rest(fake):
    add_release(fake)
    report = read_status(make_release(fake, values=KitError("forbidden", "The right to list secrets is missing")))
    assert report.healthy is True
    assert report.problems == ["Helm's values are not known: The right to list secrets is missing"]


def test_an_absent_release_is_an_error(fake):
    with pytest.raises(KitError) as raised:
        read_status(make_release(fake))
    assert (raised.value.id, int(raised.value.code)) == ("release-missing", 6)


def test_age_is_never_negative():
    now = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    assert age("2026-01-01T00:00:00Z", now) == 60
    assert age("2026-01-01T00:02:00Z", now) == 0
    assert age("", now) == 0


CLAIM = {
    "app.kubernetes.io/name": "airflow",
    "app.kubernetes.io/instance": "airflow",
    "app.kubernetes.io/component": "logs",
}


def claim(fake, name, **more):
    meta = {"name": name, "labels": CLAIM}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    fake.add(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": meta | more,
            "spec": spec,
            "status": {"phase": "Bound"},
        }
    )


def test_the_claims_of_a_release_with_their_access_modes(fake, look):
    claim(fake, "airflow-logs")
    claim(fake, "of-another-release", labels={})
    claim(fake, "data-airflow-postgresql-0", labels={**CLAIM, "app.kubernetes.io/name": "postgresql"})
    assert look().claims == [ClaimState("airflow-logs", "Bound", ("ReadWriteOnce",), "1Gi")]


def test_claims_of_the_users_that_the_values_name(fake, look):
    claim(fake, "team-dags", labels={})
    named = {
        "dags": {"mode": "pvc", "pvc": {"existingClaim": "team-dags"}, "bundle": {"cache": {"existingClaim": "x"}}}
    }
    more = {"logs": {"persistence": {"existingClaim": "away"}}, "plugins": {"existingClaim": "house"}}
    found = look(values={**VALUES, **named, **more}).claims
    assert [(c.name, c.phase, list(c.modes)) for c in found] == [
        ("away", "Missing", []),
        ("house", "Missing", []),
        ("team-dags", "Bound", ["ReadWriteOnce"]),
    ]


def mismatch(info, **more):
    extra = f"Executor reported that it finished with state failed. Extra info: {info}"
    ids = {
        "dag_id": "d",
        "task_id": "t",
        "run_id": "r",
        "map_index": -1,
        "try_number": 1,
        "when": "2026-01-01T00:00:00Z",
    }
    return {"event": "state mismatch", "extra": extra, **ids, **more}


def test_tasks_whose_pods_failed_are_listed_once_and_leave_the_release_healthy(look):
    later = mismatch("", event="stuck in queued reschedule", extra="It was queued for too long", map_index=3)
    report = look(api=FakeApi(rows=[later, mismatch('pods "x" is forbidden'), mismatch("older")]))
    assert [(f.map_index, f.reason) for f in report.pod_failures] == [
        (3, "It was queued for too long"),
        (-1, 'pods "x" is forbidden'),
    ]
    assert (report.healthy, report.problems) == (True, [])


def test_an_event_log_that_may_not_be_read_is_told(look):
    report = look(api=FakeApi(rows=KitError("api-refused", "403")))
    assert report.problems == ["failures of pods are not known: 403"]
    assert report.healthy is True


def test_only_the_last_hour_is_asked_for(look):
    asked = []

    class Api(FakeApi):
        def event_logs(self, events, **query):
            asked.append((events, query))
            return []

    look(api=Api())
    ((events, query),) = asked
    assert "state mismatch" in events
    assert 3590 < (datetime.now(UTC) - datetime.fromisoformat(query["after"])).total_seconds() < 3660


def test_a_git_sync_that_fails_makes_the_release_unhealthy_and_says_why(look, monkeypatch):
    found = [Sync("dag-processor", "p", "abc", 1.0), Sync("triggerer", "t", error="fatal: no route to host")]
    monkeypatch.setattr(status, "syncs", lambda release: found)
    report = look(values={**VALUES, "dags": {"mode": "git", "git": {"repo": "https://git/x"}}})
    assert (report.healthy, report.problems) == (False, ["triggerer: git-sync fails: fatal: no route to host"])
    assert report.sources[0].commit == "abc"
