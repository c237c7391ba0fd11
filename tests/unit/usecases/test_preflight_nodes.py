import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.usecases.preflight_nodes import claims_reach_all_nodes


def node(fake, name, *, ready=True):
    status = {"conditions": [{"type": "Ready", "status": str(ready)}]}
    fake.add({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": status})


def claim(name, mode):
    meta = {"name": name, "namespace": "airflow"}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": {"accessModes": [mode]}}


def test_a_claim_for_one_node_is_refused_on_two_with_the_way_out(fake):
    node(fake, "a")
    node(fake, "b")
    with pytest.raises(KitError) as caught:
        claims_reach_all_nodes(fake.kube, "airflow", [claim("logs", "ReadWriteOnce"), claim("dags", "ReadWriteMany")])
    assert (caught.value.id, caught.value.code) == ("claim-for-one-node", ExitCode.PREFLIGHT)
    assert "logs" in caught.value.message
    assert "dags" not in caught.value.message
    assert "accessMode: ReadWriteMany" in caught.value.fix
    assert fake.writes == []


def test_one_node_that_is_ready_takes_any_claim(fake):
    node(fake, "a")
    node(fake, "b", ready=False)
    claims_reach_all_nodes(fake.kube, "airflow", [claim("logs", "ReadWriteOnce")])


def test_a_claim_that_all_nodes_can_mount_passes(fake):
    node(fake, "a")
    node(fake, "b")
    claims_reach_all_nodes(fake.kube, "airflow", [claim("logs", "ReadWriteMany")])


def test_a_claim_that_is_there_already_serves_its_release(fake):
    node(fake, "a")
    node(fake, "b")
    fake.add(claim("logs", "ReadWriteOnce"))
    claims_reach_all_nodes(fake.kube, "airflow", [claim("logs", "ReadWriteOnce")])


def test_who_may_not_list_nodes_is_not_stopped(fake):
    node(fake, "a")
    node(fake, "b")
    fake.denied.add(("list", "nodes"))
    claims_reach_all_nodes(fake.kube, "airflow", [claim("logs", "ReadWriteOnce")])
