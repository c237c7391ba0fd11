"""Claims that several pods share are there, and reach every node on which those pods may run."""

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import data_dir
from kitctl.release.preflight.nodes import claims_reach_all_nodes
from kitctl.tools.helm.client import Helm, documents
from kitctl.tools.helm.sources import Sources


def node(fake, name, *, ready=True, **spec):
    status = {"conditions": [{"type": "Ready", "status": str(ready)}]}
    meta = {"name": name, "labels": {"kubernetes.io/hostname": name}}
    fake.add({"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": spec, "status": status})


def claim(name, mode):
    meta = {"name": name, "namespace": "airflow"}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": {"accessModes": [mode]}}


def pod(volume, name, **selector):
    volumes = [{"name": "tmp", "emptyDir": {}}, {"name": volume, "persistentVolumeClaim": {"claimName": name}}]
    return {"volumes": volumes, **({"nodeSelector": selector} if selector else {})}


def deployment(spec):
    return {"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": spec}}}


def workers(spec):
    text = yaml.safe_dump({"kind": "Pod", "spec": spec})
    return {"kind": "ConfigMap", "metadata": {"name": "airflow-pod-templates"}, "data": {"default.yaml": text}}


@pytest.fixture
def two(fake):
    node(fake, "a")
    node(fake, "b")
    return fake


def refusal(fake, *objects):
    with pytest.raises(KitError) as caught:
        claims_reach_all_nodes(fake.kube, "airflow", objects)
    assert caught.value.code == ExitCode.PREFLIGHT
    assert fake.writes == []
    return caught.value


def test_a_claim_for_one_node_is_refused_on_two_with_the_way_out(two):
    error = refusal(two, claim("logs", "ReadWriteOnce"), claim("dags", "ReadWriteMany"))
    assert error.id == "claim-for-one-node"
    assert "claim logs" in error.message
    assert "accessMode: ReadWriteMany" in error.fix


@pytest.mark.parametrize(
    "closed",
    [
        {"ready": False},
        {"unschedulable": True},
        {"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]},
    ],
    ids=["not-ready", "cordoned", "tainted"],
)
def test_one_node_that_takes_pods_takes_any_claim(fake, closed):
    node(fake, "a")
    node(fake, "b", **closed)
    claims_reach_all_nodes(fake.kube, "airflow", [claim("logs", "ReadWriteOnce")])


def test_a_claim_that_all_nodes_can_mount_passes(two):
    claims_reach_all_nodes(two.kube, "airflow", [claim("logs", "ReadWriteMany")])


def test_a_kit_claim_made_before_the_second_node_joined_is_refused(two):
    two.add(claim("logs", "ReadWriteOnce"))
    assert refusal(two, claim("logs", "ReadWriteMany")).id == "claim-for-one-node"


@pytest.mark.parametrize("volume", ["logs", "dags", "bundles", "plugins"])
@pytest.mark.parametrize("mode", ["ReadWriteOnce", "ReadWriteOncePod"])
def test_a_claim_that_the_values_name_is_judged_by_what_the_cluster_has(two, volume, mode):
    two.add(claim("team", mode))
    error = refusal(two, deployment(pod(volume, "team")))
    assert error.id == "claim-for-one-node"
    assert "claim team" in error.message


def test_a_named_claim_that_all_nodes_can_mount_passes(two):
    two.add(claim("team", "ReadWriteMany"))
    claims_reach_all_nodes(two.kube, "airflow", [deployment(pod("dags", "team"))])


def test_a_named_claim_that_does_not_exist_is_told_with_its_key(fake):
    error = refusal(fake, deployment(pod("bundles", "team")))
    assert error.id == "claim-missing"
    assert "claim team" in error.message
    assert "dags.bundle.cache.existingClaim" in error.message


def test_a_volume_of_the_users_own_belongs_to_one_pod(two):
    claims_reach_all_nodes(two.kube, "airflow", [deployment(pod("models", "mine"))])


def test_pods_that_are_kept_on_one_node_share_any_claim(two):
    two.add(claim("team", "ReadWriteOnce"))
    here = {"kubernetes.io/hostname": "a"}
    claims_reach_all_nodes(
        two.kube, "airflow", [deployment(pod("dags", "team", **here)), workers(pod("dags", "team", **here))]
    )
    assert (
        refusal(two, deployment(pod("dags", "team", **here)), workers(pod("dags", "team"))).id == "claim-for-one-node"
    )


def test_who_may_not_list_nodes_is_not_stopped(two):
    two.denied.add(("list", "nodes"))
    claims_reach_all_nodes(two.kube, "airflow", [claim("logs", "ReadWriteOnce")])


def test_who_may_not_read_claims_is_not_stopped(two):
    two.denied.add(("list", "team"))
    claims_reach_all_nodes(two.kube, "airflow", [deployment(pod("dags", "team"))])


def test_the_charts_own_objects_are_read(two):
    sets = ["dags.mode=pvc", "dags.pvc.existingClaim=team", "logs.persistence.existingClaim=shared"]
    objects = documents(Helm().template(data_dir("chart"), "airflow", "airflow", Sources(sets=tuple(sets))))
    two.add(claim("shared", "ReadWriteMany"))
    error = refusal(two, *objects)
    assert (error.id, "dags.pvc.existingClaim" in error.message) == ("claim-missing", True)
    two.add(claim("team", "ReadWriteOnce"))
    assert "claim team" in refusal(two, *objects).message


def test_a_claim_of_plugins_must_be_there(two):
    sets = ("plugins.existingClaim=house", "logs.persistence.enabled=false")
    objects = documents(Helm().template(data_dir("chart"), "airflow", "airflow", Sources(sets=sets)))
    error = refusal(two, *objects)
    assert (error.id, "plugins.existingClaim" in error.message) == ("claim-missing", True)
    two.add(claim("house", "ReadOnlyMany"))
    claims_reach_all_nodes(two.kube, "airflow", objects)
