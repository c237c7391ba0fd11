"""`down` removes the release, keeps the data unless asked, and touches nothing of others."""

import httpx
import pytest

from kitctl.errors import KitError
from kitctl.model.names import names
from kitctl.model.settings import Settings
from kitctl.release import operation
from kitctl.release.cleanup import claims_and_keys
from kitctl.usecases import down as module
from tests.unit.fake_operation import Clock, Steps, as_json

LABELS = {"app.kubernetes.io/part-of": "airflow-kit", "app.kubernetes.io/instance": "airflow"}


def claim(name, component, release="airflow", **labels):
    """A claim as the chart makes it; that of PostgreSQL has no `part-of`, as claim templates cannot be changed."""
    meta = {"app.kubernetes.io/name": "airflow", "app.kubernetes.io/instance": release}
    meta["app.kubernetes.io/component"] = component
    meta |= {} if component == "postgres" else {"app.kubernetes.io/part-of": "airflow-kit"}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "labels": meta | labels}}


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
    fake.add(claim("airflow-logs", "logs"))
    fake.add(claim("data-airflow-postgres-0", "postgres"))
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


BITNAMI = {"app.kubernetes.io/name": "postgresql", "app.kubernetes.io/component": "primary"}


@pytest.mark.parametrize(
    "theirs",
    [
        claim("other-logs", "logs", release="other"),
        claim("data-airflow-postgresql-0", "postgres", **BITNAMI),
        claim("data-airflow-postgres-0", "postgres", **BITNAMI),
        claim("data-airflow-postgresql-0", "postgres"),
        claim("airflow-cache", "cache"),
    ],
)
def test_a_claim_that_the_chart_did_not_make_stays(world, theirs):
    path = world.add(theirs)
    report = down(Settings(), Steps(), yes, volumes=True)
    assert path in world.objects
    assert f"PersistentVolumeClaim {theirs['metadata']['name']}" not in report["removed"]


def test_a_claim_that_the_values_name_as_the_users_stays(world):
    world.add(claim("airflow-dags", "dags"))
    world.add_record("deployed", config={"dags": {"mode": "pvc", "pvc": {"existingClaim": "airflow-dags"}}})
    down(Settings(), Steps(), yes, volumes=True)
    assert [path.split("/")[-1] for path in world.objects if "persistent" in path] == ["airflow-dags"]


def test_a_prefix_that_only_the_keys_tell_is_enough_to_find_the_data(world):
    """`down` without --volumes took Helm's record, and with it fullnameOverride."""
    world.add_secret("flows-keys", {"fernet-key": "f"}, LABELS)
    for name, component in (("flows-logs", "logs"), ("data-flows-postgres-0", "postgres")):
        world.add(claim(name, component))
    report = down(Settings(), Steps(), yes, volumes=True)
    assert world.objects == {}
    assert report["kept"] == []


EXTERNAL = {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}}
EXISTING = {"postgres": {"storage": {"existingClaim": "my-data"}}}
KEYS = "Secret airflow-keys"


@pytest.mark.parametrize(
    ("config", "data"), [(EXTERNAL, "the database db.example.com"), (EXISTING, "the claim my-data")]
)
def test_the_keys_stay_with_the_data_that_they_encrypt(world, config, data):
    world.objects.pop("/api/v1/namespaces/airflow/persistentvolumeclaims/data-airflow-postgres-0")
    world.add_record("deployed", config=config)
    asked = []
    report = down(Settings(), Steps(), lambda question: asked.append(question) or True, volumes=True)
    assert world.kube.secret("airflow", "airflow-keys") is not None
    assert report["kept"] == [KEYS]
    assert f"{KEYS} stays, because {data} cannot be read without it" in report["notes"][0]
    assert KEYS not in asked[0]
    assert "PersistentVolumeClaim airflow-logs" in report["removed"]


@pytest.mark.parametrize("config", [EXTERNAL, EXISTING])
def test_they_stay_when_the_release_went_before(world, config):
    world.add_record("deployed", config=config)
    down(Settings(), Steps(), yes)
    for name in [path for path in world.objects if "sh.helm" in path]:
        world.objects.pop(name)
    report = down(Settings(), Steps(), yes, volumes=True)
    assert report["kept"] == [KEYS]
    assert world.kube.secret("airflow", "airflow-keys") is not None


def test_keys_whose_database_nobody_knows_stay(world):
    """Helm uninstalled the release, and it had no PostgreSQL of the kit."""
    world.objects.pop("/api/v1/namespaces/airflow/persistentvolumeclaims/data-airflow-postgres-0")
    assert down(Settings(), Steps(), yes, volumes=True)["kept"] == [KEYS]


def test_keys_of_a_database_that_never_began_go(world):
    """An `up` that was killed before Helm left only the keys, with a mark for which database they are."""
    world.objects.pop("/api/v1/namespaces/airflow/persistentvolumeclaims/data-airflow-postgres-0")
    config: dict[str, object] = {}
    claims_and_keys.mark(world.kube, "airflow", names("airflow", "airflow", config), config)
    assert down(Settings(), Steps(), yes, volumes=True)["kept"] == []


def test_a_secret_of_the_users_is_neither_marked_nor_deleted(world):
    world.add_secret("mine", {"fernet-key": "f"})
    world.add_record("deployed", config={"keys": {"existingSecret": "mine"}})
    down(Settings(), Steps(), yes, volumes=True)
    assert world.kube.get("Secret", "airflow", "mine")["metadata"] == {
        "name": "mine",
        "labels": {},
        "uid": "/api/v1/namespaces/airflow/secrets/mine",
        "namespace": "airflow",
    }


def test_who_may_not_patch_secrets_can_still_remove_the_release(world):
    world.add_record("deployed")
    world.denied.add(("patch", "secrets/airflow-keys"))
    assert down(Settings(), Steps(), yes)["removed"] == ["release airflow"]


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


def test_the_question_names_each_thing_that_goes(world):
    asked = []
    with pytest.raises(KitError):
        down(Settings(), Steps(), asked.append, volumes=True)
    for thing in ("PersistentVolumeClaim airflow-logs", "PersistentVolumeClaim data-airflow-postgres-0", KEYS):
        assert f"{thing} in the namespace airflow" in asked[0]
    assert "Namespace airflow, if nothing else is in it" in asked[0]


def test_a_dry_run_says_that_the_keys_stay(world):
    world.add_record("deployed", config=EXTERNAL)
    report = down(Settings(dry_run=True), Steps(), yes, volumes=True)
    assert f"keep {KEYS}, which the database db.example.com needs" in report["would"]


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


def leftover(digits="0123abcd"):
    labels = {**LABELS, "app.kubernetes.io/component": "migrate"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"airflow-migrate-{digits}", "labels": labels},
    }


@pytest.mark.parametrize("volumes", [False, True])
def test_jobs_that_an_interrupted_up_left_go_too(world, volumes):
    """Seen: three migrate Jobs survived `down --volumes`, and with them the namespace."""
    world.add_record("deployed")
    paths = [world.add(leftover(digits)) for digits in ("00000001", "00000002", "00000003")]
    nightly = leftover()
    nightly["metadata"] = {"name": "nightly", "labels": {"app.kubernetes.io/instance": "airflow"}}
    theirs = world.add(nightly)
    report = down(Settings(), Steps(), yes, volumes=volumes)
    assert not set(paths) & set(world.objects)
    assert "Job airflow-migrate-00000002" in report["removed"]
    assert theirs in world.objects
