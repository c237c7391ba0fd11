"""The pod that looks into an image of the user's: when there is one, and what comes of its answer."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.preflight import image as image_check
from tests.unit.fake_kube import FakeKube
from tests.unit.fake_operation import Clock

PODS = "/api/v1/namespaces/airflow/pods"
MINE = "registry.example.com/team/flow:7"


def processor(image=MINE, revision="", **more):
    main = {"name": "dag-processor", "image": image, "securityContext": {"runAsNonRoot": True}, "env": [{"name": "A"}]}
    spec = {"containers": [main], "imagePullSecrets": [{"name": "registry"}]}
    annotations = {"airflow-kit.io/image-revision": revision} if revision else {}
    labels = {"app.kubernetes.io/component": "dag-processor"}
    template = {"metadata": {"annotations": annotations}, "spec": spec}
    meta = {"name": "airflow-dag-processor", "labels": labels}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"template": template}, **more}


def waiting(reason, message="manifest unknown"):
    state = {"waiting": {"reason": reason, "message": message}}
    return {"phase": "Pending", "containerStatuses": [{"name": "look", "state": state}]}


def ended(reason, code):
    state = {"terminated": {"reason": reason, "exitCode": code}}
    return {"phase": "Failed", "containerStatuses": [{"name": "look", "state": state}]}


DONE = {"phase": "Succeeded"}


@pytest.fixture
def look(fake, monkeypatch):
    """Run the check with pods that get this status and print this text; returns its notes and the pods made."""
    monkeypatch.setattr(image_check, "_GRACE_SECONDS", 0.0)

    def looked(status, text="", image=MINE, seconds=1e12, **more):
        notes, made = [], []

        def post(request, path):
            answer = FakeKube._post(fake, request, path)
            if path == PODS:
                made.append(answer.json())
                fake.objects[f"{PODS}/airflow-image-check"]["status"] = status
            return answer

        monkeypatch.setattr(fake, "_post", post)
        fake.logs["airflow-image-check"] = text
        image_check.check(fake.kube, "airflow", [processor(image, **more)], notes.append, Clock().deadline(seconds))
        assert f"{PODS}/airflow-image-check" not in fake.objects
        return notes, made

    return looked


def refused(error, look, *args, **more):
    with pytest.raises(KitError) as caught:
        look(*args, **more)
    assert (caught.value.id, caught.value.code) == (error, ExitCode.PREFLIGHT)
    assert "--no-check-image" in caught.value.fix
    assert MINE in caught.value.message
    return caught.value


def test_an_image_with_airflow_is_told_and_its_pod_removed(look):
    notes, (pod,) = look(DONE, "AIRFLOW 3.3.1\n")
    assert notes == [f"looking into {MINE}", f"{MINE} has Airflow 3.3.1"]
    (container,) = pod["spec"]["containers"]
    assert (container["image"], container["command"][:2]) == (MINE, ["python", "-c"])
    assert "env" not in container  # secrets of the release are none of its business
    assert pod["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    assert pod["metadata"]["labels"]["app.kubernetes.io/component"] == "image-check"


def test_an_old_airflow_is_refused(look):
    assert "2.9.0" in refused("image-too-old", look, DONE, "AIRFLOW 2.9.0\n").message


def test_a_python_without_airflow_is_refused(look):
    assert "no package apache-airflow" in refused("image-no-airflow", look, DONE, "").cause


@pytest.mark.parametrize(
    "status",
    [ended("StartError", 128), ended("ContainerCannotRun", 127), waiting("RunContainerError", "no such file")],
)
def test_an_image_without_python_is_refused(look, status):
    assert "No Python starts in it" in refused("image-no-airflow", look, status).cause


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"])
def test_an_image_that_no_node_can_pull_is_refused_with_the_reason(look, reason):
    error = refused("image-pull-failed", look, waiting(reason))
    assert error.cause == f"{reason}: manifest unknown"
    assert "image.pullSecrets" in error.fix


def test_a_refusal_leaves_no_pod(look, fake):
    refused("image-pull-failed", look, waiting("ErrImagePull"))
    assert f"{PODS}/airflow-image-check" not in fake.objects


def test_a_pull_that_fails_is_tried_again_for_a_while(fake):
    states = [waiting("ErrImagePull"), {"phase": "Pending"}, waiting("ImagePullBackOff"), DONE]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
    path = fake.add(pod)
    clock = Clock(lambda _: fake.objects[path].update(status=states.pop(0)))
    assert image_check._end(fake.kube, "airflow", "p", clock.deadline()).phase == "Succeeded"
    assert states == []


def test_a_pull_that_goes_on_failing_is_waited_for_no_longer_than_its_grace(fake):
    fake.add({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "status": waiting("ErrImagePull")})
    clock = Clock()
    assert image_check._end(fake.kube, "airflow", "p", clock.deadline(1000.0)).reason == "ErrImagePull"
    assert clock.now == image_check._GRACE_SECONDS


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ended("Error", 1), "exit code 1"),
        ({"phase": "Failed", "reason": "Evicted", "message": "disk pressure"}, "Evicted disk pressure"),
    ],
)
def test_a_pod_that_fails_for_another_reason_stops_nothing(look, status, words):
    notes, _ = look(status)
    assert "was not looked into" in notes[-1]
    assert words in notes[-1]


def test_a_pod_that_nobody_schedules_stops_nothing(look):
    notes, _ = look({"phase": "Pending"}, seconds=0.0)
    assert notes[-1] == f"{MINE} was not looked into: Pending"


def test_who_may_make_no_pods_is_told_and_goes_on(look, fake):
    fake.denied.add(("create", "pods"))
    notes, made = look(DONE)
    assert made == []
    assert 'cannot create resource "pods"' in notes[-1] or "create" in notes[-1]
    assert "was not looked into" in notes[-1]


@pytest.mark.parametrize(
    "image",
    [
        "kitctl.local/airflow:3.3.2-0123456789ab",
        "kitctl.local/dags:0123456789ab",
        "apache/airflow:3.3.2",
        "mirror.example.com/docker/apache/airflow:slim-3.3.2-python3.12",
    ],
)
def test_images_that_are_known_need_no_pod(look, image):
    assert look(DONE, image=image) == ([], [])


@pytest.mark.parametrize("image", ["apache/airflow:latest", "apache/airflow@sha256:00", "team/airflow:3.3.2"])
def test_a_tag_that_proves_nothing_needs_one(look, image):
    notes, made = look(DONE, "AIRFLOW 3.3.2\n", image=image)
    assert len(made) == 1
    assert notes[-1] == f"{image} has Airflow 3.3.2"


def test_the_image_that_runs_well_already_needs_no_pod(look, fake):
    fake.add(processor(revision="a", status={"readyReplicas": 1}))
    assert look(DONE, revision="a") == ([], [])
    assert len(look(DONE, "AIRFLOW 3.3.2\n", revision="b")[1]) == 1
    assert len(look(DONE, "AIRFLOW 3.3.2\n", image="team/flow:8", revision="a")[1]) == 1


def test_an_image_that_never_became_ready_is_looked_into_again(look, fake):
    fake.add(processor(status={"readyReplicas": 0}))
    assert len(look(DONE, "AIRFLOW 3.3.2\n")[1]) == 1


def test_a_release_without_a_dag_processor_has_nothing_to_look_into(fake):
    image_check.check(fake.kube, "airflow", [], pytest.fail, Clock().deadline())
