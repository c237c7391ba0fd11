"""A release that `down` finds in a cluster in memory: claims, keys, a task's pod, and Helm beside it."""

import pytest

from kitctl.errors import KitError
from kitctl.release import operation
from kitctl.usecases import down as module
from tests.unit.fake_operation import Clock, as_json

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
def installed(fake, monkeypatch, tmp_path):
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
    monkeypatch.setattr(module.clusters, "made", lambda *_: False)  # this machine may have a cluster of that name
    monkeypatch.setattr(module.forwards, "stop_forwards", lambda *_: 0)
    labels = {"app.kubernetes.io/managed-by": "kitctl"}
    fake.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow", "labels": labels}})
    fake.add(claim("airflow-logs", "logs"))
    fake.add(claim("data-airflow-postgres-0", "postgres"))
    fake.add_secret("airflow-keys", {"fernet-key": "f"}, LABELS)
    fake.add({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "task-1", "labels": LABELS}, "status": {}})
    fake.cluster, fake.uninstalled = cluster, uninstalled
    return fake


def kinds(fake):
    return sorted({path.split("/")[-2] for path in fake.objects})
