"""`down` removes the release, keeps the data unless asked, and touches nothing of others."""

import httpx
import pytest

from kitctl import clusters
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.release import operation
from tests.unit.fake_deploy import yes
from tests.unit.fake_down import LABELS, down, kinds
from tests.unit.fake_operation import Steps


def test_the_data_stays_and_is_told(installed):
    report = down(Settings(), Steps(), yes)
    assert report["removed"] == ["release airflow"]
    assert set(report["kept"]) == {
        "PersistentVolumeClaim airflow-logs",
        "PersistentVolumeClaim data-airflow-postgres-0",
        "Secret airflow-keys",
    }
    assert kinds(installed) == ["namespaces", "persistentvolumeclaims", "secrets"]


def test_twice_is_fine(installed):
    down(Settings(), Steps(), yes)
    assert down(Settings(), Steps(), yes)["removed"] == []


def silent(*_):
    raise KitError("cluster-unreachable", "does not answer", code=ExitCode.UNREACHABLE)


def test_a_cluster_that_does_not_answer_is_no_missing_release(installed, monkeypatch):
    monkeypatch.setattr(operation.Kube, "connect", silent)
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), yes)
    assert raised.value.id == "cluster-unreachable"


def test_a_cluster_that_stopped_is_no_missing_release(installed, monkeypatch):
    installed.cluster.there = False
    monkeypatch.setattr(clusters, "made", lambda provider, name: (provider, name) == ("node", "kitctl-node"))
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), yes)
    assert (raised.value.id, raised.value.code) == ("cluster-not-answering", ExitCode.UNREACHABLE)
    assert "kitctl cluster create" in raised.value.fix


def test_without_a_cluster_there_is_nothing_to_remove(installed, monkeypatch):
    installed.cluster.there = False
    monkeypatch.setattr(clusters, "made", lambda *_: False)
    monkeypatch.setattr(operation.Kube, "connect", silent)
    steps = Steps()
    assert down(Settings(), steps, yes)["removed"] == []
    assert steps.notes == ["the cluster kitctl-node is not there"]


def test_volumes_take_all_that_was_ours(installed):
    report = down(Settings(), Steps(), yes, volumes=True)
    assert installed.objects == {}
    assert report["kept"] == []
    assert "Namespace airflow" in report["removed"]


@pytest.mark.parametrize("theirs", ["Secret", "ConfigMap", "Service", "PersistentVolumeClaim"])
def test_a_namespace_with_other_peoples_things_stays(installed, theirs):
    path = installed.add({"apiVersion": "v1", "kind": theirs, "metadata": {"name": "theirs"}})
    steps = Steps()
    down(Settings(), steps, yes, volumes=True)
    assert kinds(installed) == sorted({"namespaces", path.split("/")[-2]})
    assert any("theirs" in note for note in steps.notes)


def test_a_namespace_of_somebody_else_stays(installed):
    installed.objects["/api/v1/namespaces/airflow"]["metadata"]["labels"] = {}
    down(Settings(), Steps(), yes, volumes=True)
    assert kinds(installed) == ["namespaces"]


WORKERS = {
    "app.kubernetes.io/managed-by": "kitctl",
    "airflow-kit/home": "airflow",
    "app.kubernetes.io/instance": "airflow",
}


def tasks(installed, labels):
    """A namespace of its own for the workers, as Kubernetes fills each, with a task that still runs."""
    installed.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "tasks", "labels": labels}})
    installed.add({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}, "tasks")
    installed.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt"}}, "tasks")
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "task-2", "labels": LABELS}, "status": {}}
    return installed.add(pod, "tasks")


def test_the_workers_namespace_goes_with_the_volumes(installed):
    pod = tasks(installed, WORKERS)
    report = down(Settings(), Steps(), yes, volumes=True)
    assert pod not in installed.objects
    assert report["removed"][-2:] == ["Namespace tasks", "Namespace airflow"]
    assert installed.kube.namespace("tasks") is None


def test_the_workers_namespace_of_a_release_that_was_made_before_it_was_marked_goes_too(installed):
    tasks(installed, {"app.kubernetes.io/managed-by": "kitctl"})
    config = {"workers": {"namespace": "tasks"}}
    installed.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit", config=config)
    installed.objects.pop("/api/v1/namespaces/airflow")
    down(Settings(), Steps(), yes, volumes=True)
    assert installed.kube.namespace("tasks") is None


@pytest.mark.parametrize("mark", [{}, {"app.kubernetes.io/managed-by": "Terraform"}])
def test_a_workers_namespace_that_the_kit_did_not_make_stays_and_its_tasks_end(installed, mark):
    pod = tasks(installed, mark)
    config = {"workers": {"namespace": "tasks"}}
    installed.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit", config=config)
    down(Settings(), Steps(), yes, volumes=True)
    assert pod not in installed.objects
    assert installed.kube.namespace("tasks") is not None


@pytest.mark.parametrize(
    ("version", "kind"), [("v1", "Secret"), ("v1", "ServiceAccount"), ("rbac.authorization.k8s.io/v1", "RoleBinding")]
)
def test_a_workers_namespace_with_somebody_elses_things_stays(installed, version, kind):
    tasks(installed, WORKERS)
    installed.add({"apiVersion": version, "kind": kind, "metadata": {"name": "theirs"}}, "tasks")
    steps = Steps()
    report = down(Settings(), steps, yes, volumes=True)
    assert installed.kube.namespace("tasks") is not None
    assert "Namespace tasks" not in report["removed"]
    assert any("theirs" in note for note in steps.notes)


def test_without_volumes_the_workers_namespace_stays_and_of_another_release_always(installed):
    tasks(installed, WORKERS)
    down(Settings(), Steps(), yes)
    assert installed.kube.namespace("tasks") is not None
    installed.objects["/api/v1/namespaces/tasks"]["metadata"]["labels"]["app.kubernetes.io/instance"] = "other"
    down(Settings(), Steps(), yes, volumes=True)
    assert installed.kube.namespace("tasks") is not None


def test_a_namespace_that_cannot_be_looked_into_stays(installed):
    installed.denied.add(("list", "rolebindings"))
    report = down(Settings(), Steps(), yes, volumes=True)
    assert installed.kube.namespace("airflow") is not None
    assert "Secret airflow-keys" in report["removed"]


def test_a_no_deletes_nothing(installed):
    before = dict(installed.objects)
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), lambda _: False, volumes=True)
    assert raised.value.id == "declined"
    assert installed.objects == before
    assert installed.uninstalled == []


def test_a_release_of_another_chart_is_left_alone(installed):
    installed.add_record("deployed", manifest="kind: Deployment")
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), yes)
    assert raised.value.id == "release-not-ours"
    assert installed.uninstalled == []


def test_a_dry_run_tells_and_changes_nothing(installed):
    installed.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit")
    report = down(Settings(dry_run=True), Steps(), yes, volumes=True)
    assert "uninstall the release airflow" in report["would"]
    assert "delete Secret airflow-keys" in report["would"]
    assert "delete Namespace airflow, if nothing else is in it" in report["would"]
    assert installed.writes == []


def test_the_cluster_goes_when_asked(installed):
    report = down(Settings(), Steps(), yes, cluster=True)
    assert installed.cluster.deleted
    assert report["removed"] == ["cluster kitctl-node"]


def test_a_cluster_of_somebody_else_is_refused(installed):
    installed.cluster.made_by_kit = False
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), yes, cluster=True)
    assert raised.value.id == "cluster-not-ours"


def test_a_cluster_that_is_gone_needs_no_down(installed):
    installed.cluster.there = False
    report = down(Settings(), Steps(), yes, volumes=True)
    assert (report["removed"], report["kept"]) == ([], [])


def test_a_claim_that_does_not_go_ends_in_time(installed):
    installed._delete = lambda request, path: httpx.Response(200, json={})
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), yes, volumes=True)
    assert raised.value.id == "not-gone-in-time"


def leftover(digits="0123abcd"):
    labels = {**LABELS, "app.kubernetes.io/component": "migrate"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"airflow-migrate-{digits}", "labels": labels},
    }


@pytest.mark.parametrize("volumes", [False, True])
def test_jobs_that_an_interrupted_up_left_go_too(installed, volumes):
    """Seen: three migrate Jobs survived `down --volumes`, and with them the namespace."""
    installed.add_record("deployed")
    paths = [installed.add(leftover(digits)) for digits in ("00000001", "00000002", "00000003")]
    nightly = leftover()
    nightly["metadata"] = {"name": "nightly", "labels": {"app.kubernetes.io/instance": "airflow"}}
    theirs = installed.add(nightly)
    report = down(Settings(), Steps(), yes, volumes=volumes)
    assert not set(paths) & set(installed.objects)
    assert "Job airflow-migrate-00000002" in report["removed"]
    assert theirs in installed.objects
