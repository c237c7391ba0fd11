"""The release: situations for the checks of the group release."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.wanted import Wanted
from tests.unit.fake_doctor import LABELS, World, case, deployment, namespace, node, storage
from tests.unit.fake_kube import OURS
from tests.unit.fake_release import FakeApi, add_release, add_workload, make_release

SCHEDULER = deployment()
TERMINATING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


@case("values", "ok", "the values of the running release make 1 objects")
def _(w: World) -> Facts:
    return w.facts(wanted=Wanted({}, [SCHEDULER], True, "the values of the running release"))


@case("values", "error", "no such key", "Correct it", error="values-unknown-key")
def _(w: World) -> Facts:
    return w.facts(wanted=KitError("values-unknown-key", "no such key", fix="Correct it"))


@case("namespace", "ok", "will be made")
def _(w: World) -> Facts:
    return w.facts()


@case("namespace", "ok", "is there")
def _(w: World) -> Facts:
    namespace(w)
    return w.facts()


@case("namespace", "error", "kubectl create namespace airflow")
def _(w: World) -> Facts:
    w.fake.denied.add(("create", "namespaces"))
    return w.facts()


@case("namespace", "error", error="namespace-terminating")
def _(w: World) -> Facts:
    namespace(w, **TERMINATING)
    return w.facts()


@case("rights", "ok")
def _(w: World) -> Facts:
    return w.facts(objects=[SCHEDULER])


@case("rights", "error", "create deployments", "kind: Role", error="forbidden")
def _(w: World) -> Facts:
    w.fake.denied |= {("create", "deployments"), ("patch", "secrets")}
    return w.facts(objects=[SCHEDULER])


@case("operators", "ok")
def _(w: World) -> Facts:
    return w.facts(objects=[SCHEDULER])


@case("operators", "error", error="keda-missing")
def _(w: World) -> Facts:
    scaled = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "c"}, "spec": {}}
    return w.facts(objects=[scaled])


def claim(storage_class: str | None = None, mode: str = "ReadWriteOnce") -> dict[str, Any]:
    spec = {"accessModes": [mode], **({"storageClassName": storage_class} if storage_class else {})}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "airflow-logs"}, "spec": spec}


@case("storage-class", "ok")
def _(w: World) -> Facts:
    storage(w, "fast", default=True)
    return w.facts(objects=[claim()])


@case("storage-class", "error", "slow", error="storage-class-missing")
def _(w: World) -> Facts:
    storage(w, "slow", default=False)
    return w.facts(objects=[claim()])


@case("storage-class", "error", "gold", error="storage-class-missing")
def _(w: World) -> Facts:
    storage(w, "fast", default=True)
    return w.facts(objects=[claim("gold")])


def reader() -> dict[str, Any]:
    return deployment(volumes=[{"name": "logs", "persistentVolumeClaim": {"claimName": "airflow-logs"}}])


@case("claims", "ok")
def _(w: World) -> Facts:
    node(w)
    return w.facts(objects=[claim(), reader()])


@case("claims", "error", error="claim-for-one-node")
def _(w: World) -> Facts:
    node(w)
    node(w, "b")
    return w.facts(objects=[claim(), reader()])


@case("claims", "error", error="claim-missing")
def _(w: World) -> Facts:
    return w.facts(objects=[reader()])


def using(database: str, name: str = "airflow") -> dict[str, Any]:
    made = deployment()
    made["metadata"]["annotations"] = {"airflow-kit.io/database": database}
    made["metadata"]["labels"] = {**made["metadata"]["labels"], "app.kubernetes.io/instance": name}
    return made


@case("shared-servers", "ok")
def _(w: World) -> Facts:
    w.fake.add(using("db/other", "other"), "other")
    return w.facts(objects=[using("db/airflow")])


@case("shared-servers", "error", "other/other", error="database-shared")
def _(w: World) -> Facts:
    w.fake.add(using("db/airflow", "other"), "other")
    return w.facts(objects=[using("db/airflow")])


@case("variables", "ok")
def _(w: World) -> Facts:
    w.fake.add_secret("mine", {"AIRFLOW__CORE__PARALLELISM": "4"})
    return w.facts(config={"envFrom": [{"secretRef": {"name": "mine"}}]})


@case("variables", "error", "AIRFLOW__CORE__EXECUTOR", error="env-owned-by-chart")
def _(w: World) -> Facts:
    w.fake.add_secret("mine", {"AIRFLOW__CORE__EXECUTOR": "LocalExecutor"})
    return w.facts(config={"envFrom": [{"secretRef": {"name": "mine"}}]})


def service(name: str = "airflow-api-server") -> dict[str, Any]:
    spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30809}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


@case("node-port", "ok")
def _(w: World) -> Facts:
    w.fake.add(service())
    return w.facts(objects=[service()])


@case("node-port", "error", "web", error="node-port-taken")
def _(w: World) -> Facts:
    w.fake.add(service("web"), "other")
    return w.facts(objects=[service()])


@case("release", "ok", "no release airflow")
def _(w: World) -> Facts:
    return w.facts()


@case("release", "ok", "deployed (revision 1")
def _(w: World) -> Facts:
    w.fake.add_record("deployed", manifest=OURS)
    return w.facts()


@case("release", "warning", "Revision 2")
def _(w: World) -> Facts:
    w.fake.add_record("failed", revision=2, manifest=OURS)
    return w.facts()


@case("release", "warning", "interrupted", "kitctl up")
def _(w: World) -> Facts:
    w.fake.add_record("pending-upgrade", revision=3, manifest=OURS)
    return w.facts()


@case("release", "error", "not made by this kit", error="release-not-ours")
def _(w: World) -> Facts:
    w.fake.add_record("deployed", manifest="kind: Deployment")
    return w.facts()


def database(w: World) -> None:
    meta = {"name": "data-airflow-postgres-0"}
    w.fake.add({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": {}})


@case("leftovers", "ok", "nothing")
def _(w: World) -> Facts:
    return w.facts()


@case("leftovers", "error", "kubectl -n airflow delete pvc", error="claim-without-keys")
def _(w: World) -> Facts:
    database(w)
    return w.facts()


@case("leftovers", "ok", "claim data-airflow-postgres-0, Secret airflow-keys")
def _(w: World) -> Facts:
    database(w)
    w.fake.add_secret("airflow-keys", {"fernet-key": "f", "postgres-password": "p"})
    return w.facts()


@case("leftovers", "ok", "nothing")
def _(w: World) -> Facts:
    database(w)
    w.fake.add_record("deployed", manifest=OURS, config={"postgres": {"enabled": False}})
    return w.facts()


def migrated(w: World, name: str) -> None:
    labels = {**LABELS, "app.kubernetes.io/component": "migrate"}
    meta = {"name": name, "labels": labels, "annotations": {"meta.helm.sh/release-name": "airflow"}}
    meta["annotations"]["meta.helm.sh/release-namespace"] = "airflow"
    w.fake.add({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {}, "status": {}})


@case("orphans", "ok")
def _(w: World) -> Facts:
    w.fake.add_record("deployed", manifest=OURS)
    return w.facts()


@case("orphans", "warning", "Job airflow-migrate-01234567")
def _(w: World) -> Facts:
    migrated(w, "airflow-migrate-01234567")
    return w.facts()


def asking(w: World, age: timedelta) -> Facts:
    labels = {**LABELS, "app.kubernetes.io/component": "broker-check", "app.kubernetes.io/managed-by": "kitctl"}
    made = (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ")
    meta = {"name": "airflow-broker-check", "labels": labels, "creationTimestamp": made}
    w.fake.add({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {}})
    return w.facts()


@case("leftover-pods", "ok")
def _(w: World) -> Facts:
    return asking(w, timedelta(minutes=10))


@case("leftover-pods", "warning", "airflow-broker-check", "--fix")
def _(w: World) -> Facts:
    return asking(w, timedelta(minutes=20))


def quota(w: World, hard: dict[str, str], used: dict[str, str] | None = None) -> Facts:
    status = {"hard": hard, "used": used or {}}
    w.fake.add({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team"}, "status": status})
    return w.facts(objects=[deployment(replicas=2)])


@case("quotas", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(objects=[SCHEDULER])


@case("quotas", "ok")
def _(w: World) -> Facts:
    return quota(w, {"requests.cpu": "2", "pods": "2", "count/secrets": "1"}, {"requests.cpu": "1"})


@case("quotas", "error", "team has too little requests.cpu")
def _(w: World) -> Facts:
    return quota(w, {"requests.cpu": "2"}, {"requests.cpu": "1100m"})


@case("quotas", "error", "too little cpu: 900m")
def _(w: World) -> Facts:
    return quota(w, {"cpu": "900m"})


@case("quotas", "error", "too little pods")
def _(w: World) -> Facts:
    return quota(w, {"pods": "1"})


@case("quotas", "ok")
def _(w: World) -> Facts:
    container = {"name": "c", "resources": {"requests": {"cpu": "1"}}}
    meta = {"name": "mine", "labels": LABELS}
    w.fake.add({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [container]}})
    return quota(w, {"requests.cpu": "1"}, {"requests.cpu": "1"})


@case("quotas", "error", "allows 256Mi of memory")
def _(w: World) -> Facts:
    limits = [{"type": "Container", "max": {"memory": "256Mi"}}]
    w.fake.add({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": limits}})
    return w.facts(objects=[SCHEDULER])


@case("admission", "ok")
def _(w: World) -> Facts:
    namespace(w)
    return w.facts(objects=[SCHEDULER])


@case("admission", "error", "exceeded quota", error="object-refused")
def _(w: World) -> Facts:
    namespace(w)
    w.fake.refused["airflow-scheduler"] = "exceeded quota"
    return w.facts(objects=[SCHEDULER])


@case("admission", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(objects=[SCHEDULER])


@case("pod-security", "ok", "restricted")
def _(w: World) -> Facts:
    namespace(w, labels={"pod-security.kubernetes.io/enforce": "restricted"})
    return w.facts(objects=[SCHEDULER])


@case("pod-security", "error", "airflow-scheduler", "violates PodSecurity")
def _(w: World) -> Facts:
    namespace(w)
    w.fake.refused["airflow-scheduler-doctor"] = "violates PodSecurity"
    return w.facts(objects=[SCHEDULER])


@case("pod-security", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(objects=[SCHEDULER])


@case("pod-security", "not-applicable", "may not create pods")
def _(w: World) -> Facts:
    namespace(w)
    w.fake.denied.add(("create", "pods"))
    return w.facts(objects=[SCHEDULER])


def serving(image: str) -> dict[str, Any]:
    return deployment("api-server", image=image)


@case("airflow-version", "ok", "Airflow 3.3.2")
def _(w: World) -> Facts:
    return w.facts(objects=[serving("docker.io/apache/airflow:3.3.2")])


@case("airflow-version", "error", "2.10.5", error="image-too-old")
def _(w: World) -> Facts:
    return w.facts(objects=[serving("docker.io/apache/airflow:2.10.5")])


@case("airflow-version", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(objects=[serving("team/flow:latest")])


def running(w: World, api: FakeApi | None = None, settings: Settings | None = None) -> Facts:
    return w.facts(release=make_release(w.fake, api=api), settings=settings)


@case("airflow-health", "ok", "are healthy")
def _(w: World) -> Facts:
    add_release(w.fake)
    return running(w)


@case("airflow-health", "error", "scheduler 0/1", "kitctl logs scheduler")
def _(w: World) -> Facts:
    add_release(w.fake)
    add_workload(w.fake, "scheduler", ready=0)
    return running(w)


@case("airflow-health", "error", "triggerer (unhealthy)")
def _(w: World) -> Facts:
    add_release(w.fake)
    return running(w, FakeApi(parts={"triggerer": {"status": "unhealthy"}}))


@case("airflow-health", "ok", "are ready")
def _(w: World) -> Facts:
    add_release(w.fake)
    return running(w, settings=Settings(dry_run=True))


@case("airflow-health", "not-applicable")
def _(w: World) -> Facts:
    return w.facts()
