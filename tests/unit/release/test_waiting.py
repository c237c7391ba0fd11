"""Waiting ends when all is ready, early when it never will be, and in time when nobody knows."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release import waiting
from tests.unit.fake_operation import Clock

LABELS = {"app.kubernetes.io/instance": "airflow", "app.kubernetes.io/part-of": "airflow-kit"}
GOAL = waiting.Goal("airflow", "airflow", frozenset({"airflow-scheduler"}), frozenset({"airflow-migrate-1"}))


def labelled(component):
    return {**LABELS, "app.kubernetes.io/component": component}


def deployment(ready=1):
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "airflow-scheduler", "labels": labelled("scheduler"), "generation": 1},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": 1, "updatedReplicas": 1, "replicas": 1, "readyReplicas": ready},
    }


def job(*conditions, message=""):
    state = [{"type": c, "status": "True", "message": message} for c in conditions]
    meta = {"name": "airflow-migrate-1", "labels": labelled("migrate")}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "status": {"conditions": state}}


def pod(name="airflow-scheduler-x", component="scheduler", created="2", owner="rs", phase="Pending", **status):
    meta = {"name": name, "labels": labelled(component), "creationTimestamp": created}
    meta["ownerReferences"] = [{"name": owner, "controller": True}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "status": {"phase": phase, **status}}


def stuck(reason, restarts=0, message="words", **more):
    state = {
        "name": "scheduler",
        "restartCount": restarts,
        "state": {"waiting": {"reason": reason, "message": message}},
    }
    return pod(containerStatuses=[state], **more)


def run(fake, seconds=600.0, change=None):
    """Wait with a clock of its own; `change(second)` alters the cluster at each sleep."""
    clock, notes = Clock(change), []
    waiting.ready(fake.kube, GOAL, notes.append, clock.deadline(seconds))
    return clock.now, notes


def fails(fake, *args, **more):
    with pytest.raises(KitError) as raised:
        run(fake, *args, **more)
    return raised.value


def test_a_release_that_is_ready_is_not_waited_for(fake):
    fake.add(deployment())
    fake.add(job("Complete"))
    assert run(fake) == (0.0, [])


def test_it_tells_what_it_waits_for(fake):
    fake.add(deployment(ready=0))

    def change(second):
        if second >= 3:
            fake.add(job("Complete"))
        if second >= 5:
            fake.add(deployment())

    took, notes = run(fake, change=change)
    assert took == 5.0
    assert notes[0] == "airflow-migrate-1: not there yet, scheduler 0/1"
    assert notes[-1] == "scheduler 0/1"


def test_a_roll_is_waited_for_until_the_old_pod_is_gone(fake):
    rolling = deployment()
    rolling["status"]["replicas"] = 2
    fake.add(rolling)
    fake.add(job("Complete"))

    def change(second):
        if second >= 2:
            fake.add(deployment())

    took, notes = run(fake, change=change)
    assert (took, notes) == (2.0, ["scheduler rolls out", "scheduler rolls out"])


def test_a_workload_that_is_not_there_is_not_ready(fake):
    fake.add(job("Complete"))
    assert "airflow-scheduler: not there yet" in fails(fake, 3.0).cause


def test_the_time_is_kept(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    error = fails(fake, 10.0)
    assert (error.id, error.code) == ("not-ready-in-time", ExitCode.TIMEOUT)


def test_a_first_sync_that_fails_is_told_when_the_time_is_over(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    fake.add(pod())
    fake.logs["airflow-scheduler-x"] = '{"msg": "error syncing repo, will retry", "error": "no route to host"}\n'
    assert "git-sync of scheduler: error syncing repo, will retry: no route to host" in fails(fake, 3.0).cause


@pytest.mark.parametrize(
    ("reason", "restarts", "error"),
    [
        ("InvalidImageName", 0, "image-pull-failed"),
        ("ImagePullBackOff", 0, "image-pull-failed"),
        ("CreateContainerConfigError", 0, "container-config-wrong"),
        ("CrashLoopBackOff", 3, "container-crashes"),
    ],
)
def test_what_time_does_not_cure_ends_the_wait_early(fake, reason, restarts, error):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    fake.add(stuck(reason, restarts))
    fake.logs["airflow-scheduler-x"] = "last line of the log"
    found = fails(fake)
    assert (found.id, found.code) == (error, ExitCode.UNHEALTHY)
    assert "scheduler" in found.message
    assert "words" in found.cause
    assert ("last line of the log" in found.cause) is (error == "container-crashes")


def test_unschedulable_pods_tell_the_schedulers_words(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes: no cpu"}
    fake.add(pod(conditions=[condition]))
    error = fails(fake)
    assert error.id == "pod-unschedulable"
    assert "no cpu" in error.cause


def test_a_younger_pod_of_another_group_hides_no_broken_one(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    broken = stuck("InvalidImageName", name="airflow-celery-big-0", component="celery", created="1")
    broken["metadata"]["labels"]["airflow-kit.io/worker-group"] = "big"
    healthy = pod("airflow-celery-0", "celery", "2", phase="Running")
    healthy["metadata"]["labels"]["airflow-kit.io/worker-group"] = "default"
    fake.add(broken)
    fake.add(healthy)
    assert fails(fake).id == "image-pull-failed"


def test_a_reason_that_passes_is_forgiven(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    fake.add(stuck("ImagePullBackOff"))

    def change(second):
        if second >= 20:
            fake.add(deployment())

    assert run(fake, change=change)[0] == 20.0


def test_a_reason_that_passed_begins_anew_when_it_comes_again(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    fake.add(stuck("ImagePullBackOff"))

    def change(second):
        fake.add(pod() if 30 <= second < 40 else stuck("ImagePullBackOff"))

    assert run_until(fake, change) == pytest.approx(40 + 45, abs=1)


def run_until(fake, change):
    """Return the second at which waiting was given up."""
    last = [0.0]

    def remember(second):
        last[0] = second
        change(second)

    with pytest.raises(KitError) as raised:
        run(fake, 600.0, remember)
    assert raised.value.id == "image-pull-failed"
    return last[0]


def test_the_two_words_for_a_failed_pull_count_as_one(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    fake.add(stuck("ErrImagePull"))

    def change(second):
        fake.add(stuck("ErrImagePull" if second % 2 else "ImagePullBackOff"))

    assert run_until(fake, change) == pytest.approx(45, abs=1)


def test_two_crashes_are_forgiven(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    fake.add(stuck("CrashLoopBackOff", 2))
    assert fails(fake, 30.0).id == "not-ready-in-time"


def test_an_old_pod_may_be_broken_while_a_new_one_comes(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    fake.add(stuck("CrashLoopBackOff", 9, name="old", created="1"))
    fake.add(pod(name="new", created="2"))
    assert fails(fake, 5.0).id == "not-ready-in-time"


def test_worker_pods_are_none_of_its_business(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    fake.add(stuck("InvalidImageName", name="task", component="worker"))
    assert fails(fake, 5.0).id == "not-ready-in-time"


def test_a_failed_job_ends_the_wait_with_its_log(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Failed", message="BackoffLimitExceeded"))
    fake.add(pod(name="m", component="migrate", owner="airflow-migrate-1", phase="Failed"))
    fake.logs["m"] = "password authentication failed"
    error = fails(fake)
    assert (error.id, error.code) == ("job-failed", ExitCode.UNHEALTHY)
    assert "password authentication failed" in error.cause


def test_a_failed_job_without_pods_names_its_namespace(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Failed", message="BackoffLimitExceeded"))
    error = fails(fake)
    assert error.cause == "BackoffLimitExceeded"
    assert "kubectl -n airflow logs job/airflow-migrate-1" in error.fix


def test_a_job_that_failed_three_times_is_not_waited_for(fake):
    fake.add(deployment(ready=0))
    fake.add(job())
    for number in range(3):
        made = pod(name=f"m{number}", component="migrate", owner="airflow-migrate-1", phase="Failed")
        made["metadata"]["labels"]["job-name"] = "airflow-migrate-1"
        fake.add(made)
    assert fails(fake).id == "job-failed"


def test_a_broken_pod_of_an_old_statefulset_revision_is_deleted(fake):
    fake.add(deployment(ready=0))
    fake.add(job("Complete"))
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "airflow-postgres", "labels": {}}}
    fake.add({**owner, "status": {"updateRevision": "new"}})
    old = stuck("ImagePullBackOff", name="airflow-postgres-0", component="postgres", owner="airflow-postgres")
    old["metadata"]["labels"]["controller-revision-hash"] = "old"
    path = fake.add(old)
    assert fails(fake, 3.0).id == "not-ready-in-time"
    assert path not in fake.objects


def test_an_api_server_that_hiccups_is_asked_again(fake):
    fake.add(deployment())
    fake.add(job("Complete"))
    fake.down = True

    def change(second):
        fake.down = second < 4

    assert run(fake, change=change)[0] == 4.0


def test_a_cluster_that_is_gone_is_told(fake):
    fake.down = True
    assert fails(fake).id == "cluster-unreachable"


def test_the_goal_is_read_from_the_rendered_objects():
    objects = [{"kind": k, "metadata": {"name": k}} for k in ("Deployment", "StatefulSet", "Job", "Service")]
    goal = waiting.goal("n", "r", objects)
    assert (goal.workloads, goal.jobs) == ({"Deployment", "StatefulSet"}, {"Job"})
