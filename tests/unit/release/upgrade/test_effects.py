"""What changes of objects mean for pods, for objects that cannot change, and for volumes."""

import pytest

from kitctl.errors import KitError
from kitctl.release.upgrade import effects
from kitctl.release.upgrade.changes import compare


def pairs(old, new):
    objects = [old] if old else []
    return compare(objects, [new] if new else [], "airflow", lambda _: old or None)


def workload(kind="Deployment", image="a:1", **spec):
    template = {"spec": {"containers": [{"name": "x", "image": image}]}}
    labels = {"app.kubernetes.io/component": "x"}
    meta = {"name": "airflow-x", "labels": labels}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": {"template": template, **spec}}


def stateful(size="8Gi", **spec):
    template = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": size}}}}
    return workload("StatefulSet", volumeClaimTemplates=[template], **spec)


def claim(size="5Gi", **spec):
    meta = {"name": "airflow-logs"}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec}


IMAGE = ["spec.template.spec.containers[x].image"]


@pytest.mark.parametrize(
    ("kind", "spec", "pods", "how"),
    [
        ("Deployment", {"replicas": 2}, 2, "rolling"),
        ("Deployment", {"strategy": {"type": "Recreate"}}, None, "recreate"),
        ("StatefulSet", {"replicas": 1, "updateStrategy": {"type": "OnDelete"}}, 1, "on-delete"),
        ("DaemonSet", {}, None, "rolling"),
    ],
)
def test_another_pod_template_restarts_pods(kind, spec, pods, how):
    found = effects.restarts(pairs(workload(kind, **spec), workload(kind, "a:2", **spec)))
    assert found == [effects.Restart(kind, "airflow-x", "x", pods, how, IMAGE)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (workload(replicas=1), workload(replicas=2)),
        (workload(replicas=0), workload(replicas=0, image="a:2")),
        (None, workload()),
        (workload(), None),
        (workload("CronJob"), workload("CronJob", "a:2")),
    ],
)
def test_other_changes_restart_none(old, new):
    assert effects.restarts(pairs(old, new)) == []


def config(**data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (config(a="kind: Pod\nx: 1"), config(a="kind: Pod\nx: 2"), True),
        (config(a="kind: Pod", b="1"), config(a="kind: Pod", b="2"), False),
        (config(a="{{ not yaml"), config(a="{{ not: yaml"), False),
        (config(a="1"), config(a="2"), False),
    ],
)
def test_new_worker_pods_follow_their_template(old, new, found):
    assert effects.worker_template_changes(pairs(old, new)) is found


def binding(role):
    reference = {"kind": "Role", "name": role}
    return {"apiVersion": "rbac/v1", "kind": "RoleBinding", "metadata": {"name": "b"}, "roleRef": reference}


def fixed_config(data):
    return {**config(a=data), "immutable": True}


def job(image):
    return {**workload("Job", image), "apiVersion": "batch/v1"}


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        (workload(selector={"a": "1"}), workload(selector={"a": "2"}), ["spec.selector.a"]),
        (workload(image="a:1"), workload(image="a:2"), []),
        (stateful("8Gi"), stateful("9Gi"), ["spec.volumeClaimTemplates[0].spec.resources.requests.storage"]),
        (stateful(serviceName="a"), stateful(serviceName="b"), ["spec.serviceName"]),
        (stateful(replicas=1), stateful(replicas=2), []),
        (job("a:1"), job("a:2"), IMAGE),
        (binding("a"), binding("b"), ["roleRef.name"]),
        (claim(storageClassName="a"), claim(storageClassName="b"), ["spec.storageClassName"]),
        (claim("5Gi"), claim("6Gi"), []),
        (fixed_config("1"), fixed_config("2"), ["data.a"]),
        (config(a="1"), config(a="2"), []),
    ],
)
def test_fields_that_cannot_change(old, new, fields):
    (pair,) = pairs(old, new)
    assert effects.immutable(pair) == fields


def test_a_refusal_says_what_must_be_deleted_first():
    error = KitError("object-refused", "no", cause="Forbidden", fix="kitctl render manifests")
    (pair,) = pairs(stateful(serviceName="a"), stateful(serviceName="b"))
    found = effects.refusal(pair, error)
    assert (found.recreate, found.reason) == (["spec.serviceName"], "Forbidden")
    assert found.fix.startswith("kubectl -n airflow delete statefulset airflow-x --cascade=orphan")
    (pair,) = pairs(claim(storageClassName="a"), claim(storageClassName="b"))
    assert "back up its data" in effects.refusal(pair, error).fix
    (pair,) = pairs(workload(), workload(image="a:2"))
    other = effects.refusal(pair, error)
    assert (other.recreate, other.fix) == ([], "kitctl render manifests")


def of(**risks):
    return [(f"data-airflow-x-{number}", risk) for risk, numbers in risks.items() for number in numbers]


DELETES = {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Delete"}}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (claim(), None, [("airflow-logs", "deleted")]),
        (claim("5Gi"), claim("1Gi"), [("airflow-logs", "shrinks")]),
        (claim("5Gi"), claim("6Gi"), []),
        (claim(storageClassName="a"), claim(storageClassName="b"), [("airflow-logs", "recreate")]),
        (stateful(), None, [("data-airflow-x-0", "unused")]),
        (stateful(**DELETES), None, [("data-airflow-x-0", "deleted")]),
        (stateful("8Gi", replicas=2), stateful("4Gi", replicas=2), of(shrinks=(0, 1))),
        (stateful("8Gi"), stateful("9Gi"), [("data-airflow-x-0", "recreate")]),
        (stateful(), workload("StatefulSet"), [("data-airflow-x-0", "unused")]),
        (stateful(replicas=3, **DELETES), stateful(replicas=1, **DELETES), of(deleted=(1, 2))),
        (stateful(replicas=3), stateful(replicas=1), []),
        (stateful(), stateful(image="a:2"), []),
    ],
)
def test_volumes_at_risk(old, new, found):
    assert [(volume.claim, volume.risk) for volume in effects.volumes(pairs(old, new))] == found


def test_a_claim_that_helm_keeps_is_not_deleted():
    kept = claim()
    kept["metadata"]["annotations"] = {"helm.sh/resource-policy": "keep"}
    assert [volume.risk for volume in effects.volumes(pairs(kept, None))] == ["unused"]
