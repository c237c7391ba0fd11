"""What would stop an install is found before anything changes."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.names import names
from kitctl.release.preflight import cluster
from kitctl.tools.helm.records import records

NAMES = names("airflow", "airflow", {})


def refused(error, call, *args, **more):
    with pytest.raises(KitError) as raised:
        call(*args, **more)
    assert raised.value.id == error
    assert raised.value.code == ExitCode.PREFLIGHT
    assert raised.value.fix
    return raised.value


def claim(name, storage_class=None, kind="PersistentVolumeClaim"):
    spec = {} if storage_class is None else {"storageClassName": storage_class}
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def service(name, port, namespace):
    spec = {"type": "NodePort", "ports": [{"port": 8080, "nodePort": port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def storage(name, *, default):
    marks = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    meta = {"name": name, "annotations": marks}
    return {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": meta, "provisioner": "p"}


def test_a_namespace_that_is_going_away_is_refused(fake):
    assert cluster.namespace_usable(fake.kube, "airflow") is False
    meta = {"name": "airflow"}
    fake.add({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    assert cluster.namespace_usable(fake.kube, "airflow") is True
    meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    refused("namespace-terminating", cluster.namespace_usable, fake.kube, "airflow")


def test_a_release_of_another_chart_is_refused(fake):
    fake.add_record("deployed", manifest="kind: Deployment")
    (record,) = records(fake.kube, "airflow", "airflow")
    error = refused("release-not-ours", cluster.release_ours, record, "airflow", "airflow")
    assert "airflow-1" in error.cause


def test_our_own_release_and_none_at_all_pass(fake):
    fake.add_record("deployed", manifest="labels:\n  app.kubernetes.io/part-of: airflow-kit")
    cluster.release_ours(records(fake.kube, "airflow", "airflow")[0], "airflow", "airflow")
    cluster.release_ours(None, "airflow", "airflow")


@pytest.mark.parametrize("keys", [None, {"fernet-key": "f"}, {"postgres-password": "p"}])
def test_a_database_without_its_keys_is_refused_with_both_ways_out(fake, keys):
    fake.add(claim("data-airflow-postgres-0"))
    if keys is not None:
        fake.add_secret("airflow-keys", keys)
    error = refused("claim-without-keys", cluster.claim_has_keys, fake.kube, "airflow", NAMES, own_postgres=True)
    assert "delete pvc data-airflow-postgres-0" in error.fix
    assert "create secret generic airflow-keys" in error.fix


def test_a_database_with_its_keys_passes(fake):
    cluster.claim_has_keys(fake.kube, "airflow", NAMES, own_postgres=True)
    fake.add(claim("data-airflow-postgres-0"))
    cluster.claim_has_keys(fake.kube, "airflow", NAMES, own_postgres=False)
    fake.add_secret("airflow-keys", {"fernet-key": "f", "postgres-password": "p"})
    cluster.claim_has_keys(fake.kube, "airflow", NAMES, own_postgres=True)


def test_a_node_port_of_another_service_is_refused_and_ones_own_is_not(fake):
    wanted = [service("airflow-api-server", 30809, "airflow")]
    fake.add(service("airflow-api-server", 30809, "airflow"))
    cluster.node_port_free(fake.kube, "airflow", wanted)
    fake.add(service("web", 30809, "other"), "other")
    error = refused("node-port-taken", cluster.node_port_free, fake.kube, "airflow", wanted)
    assert "web" in error.message
    assert "other" in error.message


def test_who_may_not_see_other_namespaces_is_not_stopped_by_that(fake):
    fake.denied.add(("list", "services"))
    cluster.node_port_free(fake.kube, "airflow", [service("a", 30809, "airflow")])


def test_no_default_storage_class_is_refused(fake):
    fake.add(storage("slow", default=False))
    error = refused("storage-class-missing", cluster.storage_there, fake.kube, "airflow", [claim("logs")])
    assert "no default StorageClass" in error.message
    assert "slow" in error.cause


def test_a_storage_class_by_name_must_exist(fake):
    fake.add(storage("slow", default=True))
    cluster.storage_there(fake.kube, "airflow", [claim("logs"), claim("more", "slow"), claim("by-hand", "")])
    error = refused("storage-class-missing", cluster.storage_there, fake.kube, "airflow", [claim("logs", "fast")])
    assert "fast" in error.message


def test_claims_of_a_statefulset_count_too(fake):
    owner = {"kind": "StatefulSet", "metadata": {"name": "airflow-postgres"}}
    owner["spec"] = {"volumeClaimTemplates": [claim("data", "fast")]}
    error = refused("storage-class-missing", cluster.storage_there, fake.kube, "airflow", [owner])
    assert "data-airflow-postgres-0" in error.cause


def test_a_claim_that_is_there_needs_no_class(fake):
    fake.add(claim("logs"))
    cluster.storage_there(fake.kube, "airflow", [claim("logs")])


def test_all_missing_rights_come_in_one_role(fake):
    objects = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}},
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "n"}},
    ]
    cluster.rights(fake.kube, "airflow", objects)
    fake.denied |= {("create", "deployments"), ("patch", "deployments"), ("delete", "networkpolicies")}
    error = refused("forbidden", cluster.rights, fake.kube, "airflow", objects)
    assert "- apiGroups: ['apps']\n  resources: [deployments]\n  verbs: [create, patch]" in error.fix
    assert "resources: [networkpolicies]\n  verbs: [delete]" in error.fix
    assert fake.writes == []
