"""A release in the cluster of fake_kube, with a Helm and an Airflow that answer from memory."""

from typing import Any

from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.release.handle import Release
from tests.unit.fake_kube import FakeKube

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer", "postgres")
VALUES: dict[str, Any] = {
    "airflowVersion": "3.3.2",
    "executors": ["KubernetesExecutor"],
    "dags": {"mode": "git"},
    "admin": {"username": "boss"},
    "keys": {"existingSecret": ""},
    "apiServer": {"baseUrl": ""},
}


def labels(component: str, release: str = "airflow") -> dict[str, str]:
    return {
        "app.kubernetes.io/instance": release,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "airflow-kit",
    }


def add_pod(fake: FakeKube, component: str, name: str, *, ready: bool = True, **more: Any) -> dict[str, Any]:
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}], **more.pop("status", {})}
    meta = {"name": name, "labels": labels(component), "creationTimestamp": "2026-01-01T00:00:00Z", **more}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {}, "status": status}
    fake.add(pod)
    return pod


def add_workload(fake: FakeKube, component: str, *, ready: int = 1, wanted: int = 1, kind: str = "") -> dict[str, Any]:
    kind = kind or ("StatefulSet" if component == "postgres" else "Deployment")
    spec = {"replicas": wanted, "template": {"spec": {"containers": [{"name": component}]}}}
    status = {"readyReplicas": ready, "replicas": wanted, "updatedReplicas": wanted}
    meta = {"name": f"airflow-{component}", "labels": labels(component)}
    obj = {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": spec, "status": status}
    fake.add(obj)
    return obj


def add_service(
    fake: FakeKube, *, node_port: int | None = None, component: str = "api-server", number: int = 8080
) -> dict[str, Any]:
    port = {"name": "http", "port": number, **({"nodePort": node_port} if node_port else {})}
    spec = {"type": "NodePort" if node_port else "ClusterIP", "ports": [port]}
    meta = {"name": f"airflow-{component}", "labels": labels(component)}
    obj = {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}
    fake.add(obj)
    return obj


def add_release(fake: FakeKube) -> None:
    for component in COMPONENTS:
        add_workload(fake, component)
        add_pod(fake, component, f"airflow-{component}-0")
    add_service(fake)
    keys = {k: v for k, v in labels("x").items() if "component" not in k}
    fake.add_secret("airflow-keys", {"fernet-key": "f", "admin-password": "p$%ä"}, keys)


def add_flower(fake: FakeKube) -> None:
    """Add Flower to the release, with its key."""
    for component in ("celery", "flower"):
        add_workload(fake, component)
        add_pod(fake, component, f"airflow-{component}-0")
    add_service(fake, component="flower", number=5555)
    keys = {k: v for k, v in labels("x").items() if "component" not in k}
    fake.add_secret("airflow-keys", {"fernet-key": "f", "admin-password": "p$%ä", "flower-password": "pf\n"}, keys)


class FakeHelm:
    def __init__(self, values: dict[str, Any] | KitError | None = None) -> None:
        self.answer = values

    def values(self, release: str, namespace: str, *, all_values: bool = False) -> dict[str, Any] | None:
        if isinstance(self.answer, KitError):
            raise self.answer
        return self.answer


class FakeApi:
    """Stands for AirflowApi; attributes are what it answers."""

    def __init__(self, **answers: Any) -> None:
        self.parts: dict[str, Any] = {
            part: {"status": "healthy"} for part in ("metadatabase", "scheduler", "triggerer", "dag_processor")
        }
        self.errors: Any = []
        self.rows: Any = []
        self.__dict__.update(answers)

    def version(self) -> str:
        return "3.3.2"

    def health(self) -> dict[str, Any]:
        if isinstance(self.parts, KitError):
            raise self.parts
        return self.parts

    def event_logs(self, events: Any, **query: Any) -> list[dict[str, Any]]:
        if isinstance(self.rows, KitError):
            raise self.rows
        return [r for r in self.rows if all(r.get(k) == v for k, v in query.items() if k != "after")]

    def import_errors(self) -> list[dict[str, Any]]:
        if isinstance(self.errors, KitError):
            raise self.errors
        return list(self.errors)


class FakeRelease(Release):
    """A release whose address and API need no network."""

    fake_api: Any = None

    def url(self, wait_seconds: float = 20.0) -> str:
        return "http://node:30809"

    def api(self, wait_seconds: float = 20.0) -> Any:
        return self.fake_api


def make_release(
    fake: FakeKube, *, values: dict[str, Any] | KitError | None = VALUES, api: Any = None, **settings: Any
) -> Any:
    release = FakeRelease(Settings(**settings), fake.kube, FakeHelm(values))  # type: ignore[arg-type]
    release.fake_api = api or FakeApi()
    return release
