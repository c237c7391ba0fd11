"""The kit's own pods for one job: made once, watched until they say something, removed whatever happens."""

import pytest

from kitctl.errors import KitError
from kitctl.release import job_pod
from tests.unit.fake_operation import Clock

PATH = "/api/v1/namespaces/airflow/pods/airflow-job"


def pod(phase="Pending", **status):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "airflow-job"},
        "status": {"phase": phase, **status},
    }


def waiting(reason, message="no such image"):
    state = {"waiting": {"reason": reason, "message": message}}
    return pod(containerStatuses=[{"name": "job", "restartCount": 0, "ready": False, "state": state}])


def test_the_pod_replaces_one_left_over_and_is_removed_after_a_failure(fake):
    fake.add(pod())
    with (
        pytest.raises(ZeroDivisionError),
        job_pod.made(fake.kube, "airflow", pod("Running"), Clock().deadline()) as name,
    ):
        assert (name, fake.objects[PATH]["status"]["phase"]) == ("airflow-job", "Running")
        raise ZeroDivisionError
    assert PATH not in fake.objects


def test_a_pod_that_may_not_be_made_is_told(fake):
    fake.denied.add(("create", "pods"))
    with pytest.raises(KitError) as caught, job_pod.made(fake.kube, "airflow", pod(), Clock().deadline()):
        pytest.fail("went on")
    assert caught.value.id == "forbidden"


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_what_an_ended_pod_printed_is_its_answer(fake, phase):
    fake.add(pod(phase))
    fake.logs["airflow-job"] = "hello"
    assert job_pod.answer(fake.kube, "airflow", "airflow-job", Clock().deadline()) == "hello"


def test_a_pod_without_its_image_is_not_waited_for(fake):
    fake.add(waiting("ErrImagePull"))
    assert job_pod.answer(fake.kube, "airflow", "airflow-job", Clock().deadline()) == "ErrImagePull no such image"


def test_a_pod_that_nobody_schedules_is_waited_for_until_the_end(fake):
    fake.add(pod())
    assert job_pod.wait(fake.kube, "airflow", "airflow-job", {"Running"}, Clock().deadline(0)) == (False, "Pending")


def test_a_pod_that_is_gone_was_never_seen(fake):
    assert job_pod.wait(fake.kube, "airflow", "airflow-job", {"Running"}, Clock().deadline(0)) == (
        False,
        "It was never seen",
    )


def test_a_pod_in_its_phase_is_waited_for_no_longer(fake):
    fake.add(pod("Running"))
    assert job_pod.wait(fake.kube, "airflow", "airflow-job", {"Running"}, Clock().deadline())[0]


def test_the_pod_stands_where_the_component_does_and_finds_hosts_as_it_does():
    place = {"nodeSelector": {"a": "b"}, "runtimeClassName": "gvisor"}
    names = {"hostAliases": [{"ip": "10.0.0.1", "hostnames": ["broker"]}], "dnsConfig": {"searches": ["example.com"]}}
    main = {"name": "dag-processor", "image": "a:1", "securityContext": {}}
    spec = {**place, **names, "containers": [main], "serviceAccountName": "dags"}
    meta = {"name": "airflow-dag-processor", "labels": {}}
    made = job_pod.manifest({"metadata": meta, "spec": {"template": {"spec": spec}}}, "look", {"name": "look"})
    assert {key: value for key, value in made["spec"].items() if key in spec and key != "containers"} == place | names
