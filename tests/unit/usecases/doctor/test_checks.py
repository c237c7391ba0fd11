"""Every check of the doctor, both ways."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kitctl import clusters
from kitctl.errors import KitError
from kitctl.model import needs
from kitctl.model.settings import Settings
from kitctl.tools import toolbox
from kitctl.tools.builders import builder
from kitctl.tools.kube.client import Kube
from kitctl.tools.process import Result
from kitctl.usecases.doctor import cluster, host
from tests.unit.fake_doctor import Machine, bad, facts, good, node, storage


# The machine.
def test_names():
    good(host.naming(facts()))
    wrong = facts()
    wrong.settings = Settings(namespace="Bad_NS")
    assert bad(host.naming(wrong), "error").fix == "--namespace bad-ns"


def test_architecture():
    good(host.system(facts(machine="aarch64")))
    assert "riscv64" in bad(host.system(facts(machine="riscv64")), "error").message


def test_memory():
    good(host.memory(facts(memory=needs.MEMORY)))
    bad(host.memory(facts(memory=needs.MEMORY - 1)), "error")
    bad(host.memory(facts("existing", memory=needs.MEMORY - 1)), "warning")


def test_cores():
    good(host.cores(facts(cores=2)))
    bad(host.cores(facts(cores=1)), "warning")


def test_disk(monkeypatch):
    monkeypatch.setattr(Machine, "free", needs.DISK)
    good(host.disk(facts()))
    monkeypatch.setattr(Machine, "free", needs.DISK - 1)
    bad(host.disk(facts()), "error")
    bad(host.disk(facts("existing")), "warning")
    assert "KITCTL_STATE" in bad(host.disk(facts(kube=object())), "warning").fix
    monkeypatch.setattr(Machine, "may_write", False)
    bad(host.disk(facts()), "error")


@pytest.fixture
def programs(monkeypatch):
    """name → (found by the kit, on PATH, what it prints)."""
    table = {
        "helm": (Path("/k/helm"), None, "v3.22.0+g1"),
        "kubectl": (Path("/k/kubectl"), None, "gitVersion: v1.34.4"),
    }
    monkeypatch.setattr(toolbox, "find", lambda name: table[name][0])
    monkeypatch.setattr(host, "which", lambda name: table[name][1])
    monkeypatch.setattr(host, "run", lambda argv, **_: Result(0, table[Path(argv[0]).name][2], ""))
    return table


def test_programs(programs):
    assert "3.22.0 (/k/helm)" in good(host.helm(facts())).message
    assert "1.34.4" in good(host.kubectl(facts())).message


def test_a_program_that_is_absent_names_what_brings_it(programs):
    programs["kubectl"] = (None, None, "")
    assert bad(host.kubectl(facts()), "error").fix == "scripts/get-tools kubectl"


def test_helm_2_is_refused_by_its_name(programs):
    programs["helm"] = (None, Path("/usr/bin/helm"), "Client: v2.17.0+ga690bad")
    found = bad(host.helm(facts()), "error")
    assert "/usr/bin/helm is helm 2.17.0; Helm 2 with its Tiller is not supported" in found.message


def test_an_old_helm_3_is_too_old(programs):
    programs["helm"] = (None, Path("/usr/bin/helm"), "v3.10.0")
    found = bad(host.helm(facts()), "error")
    assert "Tiller" not in found.message
    assert "3.19 or later" in found.message


def test_what_the_provider_asks_of_the_machine(monkeypatch):
    monkeypatch.setattr(clusters, "check", lambda provider, name: provider == "node")
    good(host.provider(facts()))
    good(host.provider(facts("existing")))

    def refuse(provider, name):
        raise KitError("node-needs-root", "The built-in node needs root", "it makes mounts", "Use sudo")

    monkeypatch.setattr(clusters, "check", refuse)
    found = bad(host.provider(facts()), "error")
    assert found.message == "The built-in node needs root: it makes mounts"


def test_image_builder(monkeypatch):
    class Buildah:
        name = "buildah"

    monkeypatch.setattr(builder, "find", Buildah)
    assert "buildah" in good(host.image_builder(facts())).message

    def none():
        raise KitError("builder-missing", "No image builder answers", fix="Start Docker")

    monkeypatch.setattr(builder, "find", none)
    bad(host.image_builder(facts()), "error")
    assert "--image" in bad(host.image_builder(facts("existing")), "warning").fix


# The cluster.
@pytest.mark.parametrize(
    ("text", "level"), [("v1.29.9", "error"), ("v1.37.0", "warning"), ("v1.30.0", ""), ("v1.36.9", "")]
)
def test_kubernetes_version(fake, monkeypatch, text, level):
    monkeypatch.setattr(Kube, "version", lambda self: text)
    found = cluster.kubernetes_version(facts(), fake.kube)
    assert bad(found, level) if level else good(found)


def test_nodes(fake):
    bad(cluster.nodes(facts(), fake.kube), "error")
    node(fake, "a", ready=True)
    good(cluster.nodes(facts(), fake.kube))
    node(fake, "b", ready=False)
    assert "not ready: b" in bad(cluster.nodes(facts(), fake.kube), "warning").message


def test_namespace(fake):
    assert "will be made" in good(cluster.namespace(facts(), fake.kube)).message
    fake.denied.add(("create", "namespaces"))
    assert "kubectl create namespace airflow" in bad(cluster.namespace(facts(), fake.kube), "error").fix
    fake.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    assert "is there" in good(cluster.namespace(facts(), fake.kube)).message
    fake.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow", "deletionTimestamp": "2026"}})
    bad(cluster.namespace(facts(), fake.kube), "error")


def test_rights(fake):
    good(cluster.rights(facts(), fake.kube))
    fake.denied |= {("create", "statefulsets"), ("patch", "roles")}
    found = bad(cluster.rights(facts(), fake.kube), "error")
    assert "kind: Role" in found.fix


def test_storage_class(fake):
    storage(fake, "slow", default=False)
    assert "slow" in bad(cluster.storage_class(facts(), fake.kube), "error").message
    storage(fake, "fast", default=True)
    assert "fast" in good(cluster.storage_class(facts(), fake.kube)).message


def node_port_service(fake, name, namespace):
    spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30809}]}
    fake.add({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}, namespace)


def test_node_port(fake):
    good(cluster.node_port(facts(), fake.kube))
    node_port_service(fake, "airflow-api-server", "airflow")
    good(cluster.node_port(facts(), fake.kube))
    node_port_service(fake, "web", "other")
    assert "web" in bad(cluster.node_port(facts(), fake.kube), "error").message
    good(cluster.node_port(facts("existing"), fake.kube))


OURS = "app.kubernetes.io/part-of: airflow-kit"


def test_release(fake):
    assert "no release airflow" in good(cluster.release(facts(), fake.kube)).message
    fake.add_record("deployed", manifest=OURS)
    assert "deployed (revision 1" in good(cluster.release(facts(), fake.kube)).message
    fake.add_record("failed", revision=2, manifest=OURS)
    bad(cluster.release(facts(), fake.kube), "warning")
    fake.add_record("pending-upgrade", revision=3, manifest=OURS)
    assert "interrupted" in bad(cluster.release(facts(), fake.kube), "warning").message
    fake.add_record("deployed", revision=4, manifest="kind: Deployment")
    assert "not made by this kit" in bad(cluster.release(facts(), fake.kube), "error").message


def claim(fake):
    meta = {"name": "data-airflow-postgres-0"}
    fake.add({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": {}})


def test_leftovers(fake):
    assert "nothing" in good(cluster.leftovers(facts(), fake.kube)).message
    claim(fake)
    assert "kubectl -n airflow delete pvc" in bad(cluster.leftovers(facts(), fake.kube), "error").fix
    fake.add_secret("airflow-keys", {"fernet-key": "f", "postgres-password": "p"})
    found = good(cluster.leftovers(facts(), fake.kube)).message
    assert "claim data-airflow-postgres-0, Secret airflow-keys" in found
    fake.add_record("deployed", manifest=OURS)
    assert "nothing" in good(cluster.leftovers(facts(), fake.kube)).message


def test_an_external_database_has_no_leftovers(fake):
    claim(fake)
    fake.add_record("deployed", manifest=OURS, config={"postgres": {"enabled": False}})
    good(cluster.leftovers(facts(), fake.kube))


def lease(fake, name, seconds):
    stamp = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    meta = {"name": name}
    path = f"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}"
    fake.objects[path] = {"metadata": meta, "spec": {"renewTime": stamp}}


@pytest.mark.parametrize(("seconds", "words"), [(-5, ""), (-39, ""), (5, ""), (60, "ahead"), (-300, "behind")])
def test_clock(fake, seconds, words):
    lease(fake, "a", seconds)
    found = cluster.clock(facts(), fake.kube)
    assert words in (bad(found, "warning").message if words else good(found).message)


def test_a_dead_node_says_nothing_about_clocks(fake):
    lease(fake, "dead", -9999)
    lease(fake, "alive", -3)
    good(cluster.clock(facts(), fake.kube))
    fake.objects.clear()
    good(cluster.clock(facts(), fake.kube))
