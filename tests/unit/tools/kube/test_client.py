"""The Kubernetes client: what it reads, what it writes, and what it says when it is refused."""

import httpx
import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube import read
from tests.unit import fake_kube


def test_a_secret_comes_back_decoded_and_is_never_overwritten(fake):
    kube = fake.kube
    assert kube.secret("airflow", "s") is None
    assert kube.create_secret("airflow", "s", {"k": "pä$s%"}, {"a": "b"})
    assert not kube.create_secret("airflow", "s", {"k": "other"}, {})
    assert kube.secret("airflow", "s") == {"k": "pä$s%"}
    kube.add_secret_keys("airflow", "s", {"l": "2"})
    assert kube.secret("airflow", "s") == {"k": "pä$s%", "l": "2"}


def test_a_server_that_does_not_answer_ends_with_code_4(fake):
    fake.down = True
    with pytest.raises(KitError) as raised:
        fake.kube.version()
    assert raised.value.id == "cluster-unreachable"
    assert raised.value.code == ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, text="404 page not found"),
        httpx.Response(404, json={"detail": "Not Found"}),
        httpx.Response(200, html="<html>Welcome</html>"),
        httpx.Response(200, json={"version": "3.3.2"}),
        httpx.Response(302, headers={"Location": "/login"}),
        httpx.Response(400, text="Client sent an HTTP request to an HTTPS server."),
    ],
)
def test_a_server_that_is_not_kubernetes_is_called_that(fake, monkeypatch, answer):
    monkeypatch.setattr(fake, "answer", lambda _: answer)
    with pytest.raises(KitError) as raised:
        fake.kube.version()
    assert raised.value.id == "kubernetes-refused"
    assert raised.value.message == "https://kube.test is not a Kubernetes API server"
    assert f"GET /version with {answer.status_code}" in raised.value.cause


def test_a_missing_right_names_it_and_gives_a_role_to_paste(fake):
    fake.denied.add(("list", "services"))
    with pytest.raises(KitError) as raised:
        fake.kube.services("airflow")
    assert raised.value.id == "forbidden"
    assert raised.value.message == "The right to list services in the namespace airflow is missing"
    assert "kind: Role" in raised.value.fix
    assert "resources: ['services']" in raised.value.fix


def test_rights_can_be_asked(fake):
    fake.denied.add(("create", "deployments"))
    assert not fake.kube.can_i("create", "deployments.apps", "airflow")
    assert fake.kube.can_i("get", "pods/log", "airflow")


def test_an_absent_object_is_no_error(fake):
    kube = fake.kube
    assert kube.namespace("x") is None
    assert kube.get("ConfigMap", "airflow", "x") is None
    assert kube.delete("Secret", "airflow", "x") is False


def test_an_object_without_a_name_is_never_deleted(fake):
    """The path without a name is the collection's, and DELETE would remove all of it."""
    fake.add_secret("s", {})
    with pytest.raises(ValueError, match="a Secret without a name"):
        fake.kube.delete("Secret", "airflow", "")
    assert fake.kube.get("Secret", "airflow", "") is None
    assert fake.requests == []


def test_lists_are_of_one_namespace_or_of_all_and_can_be_selected(fake):
    fake.add({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"x": "1"}}}, "one")
    fake.add({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b"}}, "two")
    names = lambda *args: [o["metadata"]["name"] for o in fake.kube.list("Pod", *args)]  # noqa: E731
    assert (names(), names("two"), names("", "x=1")) == (["a", "b"], ["b"], ["a"])


def test_objects_are_created_where_they_say_or_where_the_caller_says(fake):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
    assert fake.kube.create(pod, "one")
    assert not fake.kube.create(pod, "one")
    assert fake.kube.create({**pod, "metadata": {"name": "p", "namespace": "two"}}, "one")
    assert set(fake.objects) == {"/api/v1/namespaces/one/pods/p", "/api/v1/namespaces/two/pods/p"}


def test_annotations_are_set_and_removed(fake):
    fake.add({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {"old": "1"}}})
    fake.kube.annotate("Pod", "airflow", "p", {"new": "2", "old": None})
    assert fake.kube.get("Pod", "airflow", "p")["metadata"]["annotations"] == {"new": "2"}


def test_built_in_kinds_cost_no_request_and_others_one_for_each_version(fake, monkeypatch):
    monkeypatch.setitem(fake_kube.KINDS, "example.com/v1", ["Tenant", "Cluster"])
    kube = fake.kube
    meta = {"metadata": {"name": "x"}}
    assert kube.namespace_of({"apiVersion": "apps/v1", "kind": "Deployment", **meta}, "n") == "n"
    assert fake.requests == []
    for kind in ("Tenant", "Cluster"):
        assert kube.live({"apiVersion": "example.com/v1", "kind": kind, **meta}, "n") is None
    assert fake.requests[0] == ("GET", "/apis/example.com/v1")
    assert [path for _, path in fake.requests[1:]] == [
        "/apis/example.com/v1/namespaces/n/tenants/x",
        "/apis/example.com/v1/namespaces/n/clusters/x",
    ]


def test_the_server_judges_objects_that_are_new_and_objects_that_are_there(fake):
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"type": "NodePort"}}
    fake.kube.check(service, "airflow")
    fake.add({**service, "metadata": {"name": "s"}})
    fake.kube.check(service, "airflow")
    fake.refused["s"] = "exceeded quota"
    with pytest.raises(KitError) as raised:
        fake.kube.check(service, "airflow")
    assert (raised.value.id, raised.value.code) == ("object-refused", ExitCode.PREFLIGHT)
    assert "exceeded quota" in raised.value.cause
    assert fake.writes == []


@pytest.mark.parametrize("there", [True, False])
def test_the_server_refuses_fields_that_it_does_not_know(fake, there):
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"misspelt": 1}}
    fake.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    if there:
        fake.add({**service, "metadata": {"name": "s"}, "spec": {}})
    with pytest.raises(KitError) as raised:
        fake.kube.check(service, "airflow")
    assert raised.value.id == "object-refused"
    assert 'unknown field "spec.misspelt"' in raised.value.cause


def test_an_unknown_kind_is_named(fake):
    with pytest.raises(KitError) as raised:
        fake.kube.path_of(
            {"apiVersion": "monitoring.coreos.com/v1", "kind": "PodMonitor", "metadata": {"name": "x"}}, "n"
        )
    assert raised.value.id == "kind-unknown"


def test_namespaces_stand_in_the_path_only_where_they_belong(fake):
    kube = fake.kube
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r", "namespace": "own"}}
    assert kube.path_of(role, "n") == "/apis/rbac.authorization.k8s.io/v1/namespaces/own/roles/r"
    assert kube.path_of({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}, "n") == (
        "/api/v1/namespaces/x"
    )


def status(**waiting):
    return {
        "containerStatuses": [{"name": "base", "restartCount": 4, "state": {"waiting": waiting}}],
        "phase": "Pending",
    }


def test_pods_tell_why_they_do_not_run():
    meta = {"name": "p", "labels": {"app.kubernetes.io/component": "scheduler"}}
    stuck = read.pod({"metadata": meta, "status": status(reason="ImagePullBackOff", message="no such image")})
    assert (stuck.reason, stuck.message, stuck.container, stuck.restarts) == (
        "ImagePullBackOff",
        "no such image",
        "base",
        4,
    )
    assert read.pod({"metadata": meta, "status": status(reason="PodInitializing")}).reason == ""
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]
    assert read.pod({"metadata": meta, "status": {"conditions": conditions}}).reason == "Unschedulable"
    gone = read.pod({"metadata": {**meta, "deletionTimestamp": "now"}, "status": {"phase": "Running"}})
    assert gone.phase == "Terminating"


def deployment(**state):
    return {
        "metadata": {"name": "d", "generation": 2, "labels": {"app.kubernetes.io/component": "scheduler"}},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": 2, "updatedReplicas": 1, "readyReplicas": 1, "replicas": 1, **state},
    }


@pytest.mark.parametrize(
    ("state", "ready"),
    [
        ({}, True),
        ({"observedGeneration": 1}, False),
        ({"updatedReplicas": 0}, False),
        ({"readyReplicas": 0}, False),
        ({"replicas": 2}, False),
    ],
)
def test_a_deployment_is_ready_when_its_newest_revision_is(state, ready):
    assert read.workload(deployment(**state), "Deployment", []).is_ready is ready


def stateful_set(**state):
    same = {"currentRevision": "a", "updateRevision": "a"}
    return {**deployment(), "status": {"observedGeneration": 2, "readyReplicas": 1, "replicas": 1, **same, **state}}


@pytest.mark.parametrize(
    ("state", "ready", "healthy"),
    [
        ({}, True, True),
        ({"readyReplicas": 2, "replicas": 2}, False, True),
        ({"readyReplicas": 2, "replicas": 2, "updateRevision": "b"}, False, False),
        ({"readyReplicas": 2, "replicas": 2, "observedGeneration": 1}, False, False),
        ({"readyReplicas": 0, "replicas": 2}, False, False),
    ],
)
def test_pods_that_end_their_tasks_after_a_scale_in_are_waited_for_and_are_no_fault(state, ready, healthy):
    found = read.workload(stateful_set(**state), "StatefulSet", [])
    assert (found.is_ready, found.is_healthy) == (ready, healthy)


def test_a_deployment_with_too_many_pods_rolls_out():
    assert not read.workload(deployment(replicas=2), "Deployment", []).is_healthy


def test_a_job_is_complete_or_failed_by_its_conditions():
    meta = {"name": "j", "labels": {}}
    done = {"metadata": meta, "status": {"conditions": [{"type": "Complete", "status": "True"}]}}
    failed = {"metadata": meta, "status": {"conditions": [{"type": "Failed", "status": "True", "message": "limit"}]}}
    assert read.job(done).complete
    assert (read.job(failed).failed, read.job(failed).message) == (True, "limit")
    assert not read.job({"metadata": meta, "status": {}}).complete


def test_a_workloads_pods_are_judged_whole(fake, monkeypatch):
    """Merged by name, a volume that was a claim and is an emptyDir now would be refused as both."""
    seen = []
    judge = fake._judge
    monkeypatch.setattr(fake, "_judge", lambda request, obj: seen.append(obj) or judge(request, obj))
    spec = {"template": {"metadata": {}, "spec": {"volumes": [{"name": "dags", "emptyDir": {}}]}}}
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": spec}
    fake.add(workload)
    fake.kube.check(workload, "airflow")
    assert seen[0]["spec"]["template"]["spec"] == {**spec["template"]["spec"], "$patch": "replace"}
    assert "$patch" not in spec["template"]["spec"]
