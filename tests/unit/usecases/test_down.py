"""`down` removes the release, keeps the data unless asked, and touches nothing of others."""

import httpx
import pytest

from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.release import operation
from kitctl.usecases import down as module
from tests.unit.fake_operation import Clock, Steps, as_json

LABELS = {"app.kubernetes.io/part-of": "airflow-kit", "app.kubernetes.io/instance": "airflow"}


class Cluster:
    name, provider = "kitctl-node", "node"

    def __init__(self, *, made_by_kit=True, there=True):
        self.made_by_kit, self.there, self.deleted = made_by_kit, there, False

    def context(self):
        return self.name

    def exists(self):
        return self.there

    def delete(self, note):
        if not self.made_by_kit:
            raise KitError("cluster-not-ours", "no")
        self.deleted = True


def down(*args, **more):
    return as_json(module.down(*args, **more))


@pytest.fixture
def world(fake, monkeypatch, tmp_path):
    """A release with claims, keys and a worker pod in a namespace of the kit."""
    cluster = Cluster()
    uninstalled = []

    class Helm:
        def __init__(self, *_):
            pass

        def uninstall(self, release, namespace, **_):
            uninstalled.append(release)
            return len(uninstalled) == 1

    monkeypatch.setattr(operation, "Helm", Helm)
    monkeypatch.setattr(operation, "Deadline", Clock().deadline)
    monkeypatch.setattr(module.release_lock, "cache_dir", lambda: tmp_path)
    monkeypatch.setattr(operation.Kube, "connect", lambda *_: fake.kube)
    monkeypatch.setattr(module.choice, "cluster", lambda _: cluster)
    monkeypatch.setattr(module.forwards, "stop_forwards", lambda *_: 0)
    labels = {"app.kubernetes.io/managed-by": "kitctl"}
    fake.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow", "labels": labels}})
    for name in ("airflow-logs", "data-airflow-postgres-0"):
        fake.add({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "labels": LABELS}})
    fake.add_secret("airflow-keys", {"fernet-key": "f"}, LABELS)
    fake.add({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "task-1", "labels": LABELS}, "status": {}})
    fake.cluster, fake.uninstalled = cluster, uninstalled
    return fake


def yes(_):
    return True


def kinds(fake):
    return sorted({path.split("/")[-2] for path in fake.objects})


def test_the_data_stays_and_is_told(world):
    report = down(Settings(), Steps(), yes)
    assert report["removed"] == ["release airflow"]
    assert set(report["kept"]) == {
        "PersistentVolumeClaim airflow-logs",
        "PersistentVolumeClaim data-airflow-postgres-0",
        "Secret airflow-keys",
    }
    assert kinds(world) == ["namespaces", "persistentvolumeclaims", "secrets"]


def test_twice_is_fine(world):
    down(Settings(), Steps(), yes)
    assert down(Settings(), Steps(), yes)["removed"] == []


def test_volumes_take_all_that_was_ours(world):
    report = down(Settings(), Steps(), yes, volumes=True)
    assert world.objects == {}
    assert report["kept"] == []
    assert "Namespace airflow" in report["removed"]


@pytest.mark.parametrize("theirs", ["Secret", "ConfigMap", "Service", "PersistentVolumeClaim"])
def test_a_namespace_with_other_peoples_things_stays(world, theirs):
    path = world.add({"apiVersion": "v1", "kind": theirs, "metadata": {"name": "theirs"}})
    steps = Steps()
    down(Settings(), steps, yes, volumes=True)
    assert kinds(world) == sorted({"namespaces", path.split("/")[-2]})
    assert any("theirs" in note for note in steps.notes)


def test_a_namespace_of_somebody_else_stays(world):
    world.objects["/api/v1/namespaces/airflow"]["metadata"]["labels"] = {}
    down(Settings(), Steps(), yes, volumes=True)
    assert kinds(world) == ["namespaces"]


WORKERS = {
    "app.kubernetes.io/managed-by": "kitctl",
    "airflow-kit/home": "airflow",
    "app.kubernetes.io/instance": "airflow",
}


def tasks(world, labels):
    """A namespace of its own for the workers, as Kubernetes fills each, with a task that still runs."""
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "tasks", "labels": labels}})
    world.add({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}, "tasks")
    world.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt"}}, "tasks")
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "task-2", "labels": LABELS}, "status": {}}
    return world.add(pod, "tasks")


def test_the_workers_namespace_goes_with_the_volumes(world):
    pod = tasks(world, WORKERS)
    report = down(Settings(), Steps(), yes, volumes=True)
    assert pod not in world.objects
    assert report["removed"][-2:] == ["Namespace tasks", "Namespace airflow"]
    assert world.kube.namespace("tasks") is None


def test_the_workers_namespace_of_a_release_that_was_made_before_it_was_marked_goes_too(world):
    tasks(world, {"app.kubernetes.io/managed-by": "kitctl"})
    config = {"workers": {"namespace": "tasks"}}
    world.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit", config=config)
    world.objects.pop("/api/v1/namespaces/airflow")
    down(Settings(), Steps(), yes, volumes=True)
    assert world.kube.namespace("tasks") is None


@pytest.mark.parametrize("mark", [{}, {"app.kubernetes.io/managed-by": "Terraform"}])
def test_a_workers_namespace_that_the_kit_did_not_make_stays_and_its_tasks_end(world, mark):
    pod = tasks(world, mark)
    config = {"workers": {"namespace": "tasks"}}
    world.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit", config=config)
    down(Settings(), Steps(), yes, volumes=True)
    assert pod not in world.objects
    assert world.kube.namespace("tasks") is not None


@pytest.mark.parametrize(
    ("version", "kind"), [("v1", "Secret"), ("v1", "ServiceAccount"), ("rbac.authorization.k8s.io/v1", "RoleBinding")]
)
def test_a_workers_namespace_with_somebody_elses_things_stays(world, version, kind):
    tasks(world, WORKERS)
    world.add({"apiVersion": version, "kind": kind, "metadata": {"name": "theirs"}}, "tasks")
    steps = Steps()
    report = down(Settings(), steps, yes, volumes=True)
    assert world.kube.namespace("tasks") is not None
    assert "Namespace tasks" not in report["removed"]
    assert any("theirs" in note for note in steps.notes)


def test_without_volumes_the_workers_namespace_stays_and_of_another_release_always(world):
    tasks(world, WORKERS)
    down(Settings(), Steps(), yes)
    assert world.kube.namespace("tasks") is not None
    world.objects["/api/v1/namespaces/tasks"]["metadata"]["labels"]["app.kubernetes.io/instance"] = "other"
    down(Settings(), Steps(), yes, volumes=True)
    assert world.kube.namespace("tasks") is not None


def test_a_namespace_that_cannot_be_looked_into_stays(world):
    world.denied.add(("list", "rolebindings"))
    report = down(Settings(), Steps(), yes, volumes=True)
    assert world.kube.namespace("airflow") is not None
    assert "Secret airflow-keys" in report["removed"]


def test_another_release_keeps_its_claims(world):
    other = {**LABELS, "app.kubernetes.io/instance": "other"}
    path = world.add({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "o", "labels": other}})
    down(Settings(), Steps(), yes, volumes=True)
    assert path in world.objects


def test_a_no_deletes_nothing(world):
    before = dict(world.objects)
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), lambda _: False, volumes=True)
    assert raised.value.id == "declined"
    assert world.objects == before
    assert world.uninstalled == []


def test_a_release_of_another_chart_is_left_alone(world):
    world.add_record("deployed", manifest="kind: Deployment")
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), yes)
    assert raised.value.id == "release-not-ours"
    assert world.uninstalled == []


def test_a_dry_run_tells_and_changes_nothing(world):
    world.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit")
    report = down(Settings(dry_run=True), Steps(), yes, volumes=True)
    assert "uninstall the release airflow" in report["would"]
    assert "delete Secret airflow-keys" in report["would"]
    assert "delete Namespace airflow, if nothing else is in it" in report["would"]
    assert world.writes == []


def test_the_question_names_the_namespace_that_goes_with_the_data(world):
    asked = []
    with pytest.raises(KitError):
        down(Settings(), Steps(), asked.append, volumes=True)
    assert "the namespace airflow if nothing else is in it" in asked[0]


def test_the_cluster_goes_when_asked(world):
    report = down(Settings(), Steps(), yes, cluster=True)
    assert world.cluster.deleted
    assert report["removed"] == ["cluster kitctl-node"]


def test_a_cluster_of_somebody_else_is_refused(world):
    world.cluster.made_by_kit = False
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), yes, cluster=True)
    assert raised.value.id == "cluster-not-ours"


def test_a_cluster_that_is_gone_needs_no_down(world):
    world.cluster.there = False
    report = down(Settings(), Steps(), yes, volumes=True)
    assert (report["removed"], report["kept"]) == ([], [])


def test_a_claim_that_does_not_go_ends_in_time(world):
    world._delete = lambda request, path: httpx.Response(200, json={})
    with pytest.raises(KitError) as raised:
        down(Settings(), Steps(), yes, volumes=True)
    assert raised.value.id == "not-gone-in-time"
