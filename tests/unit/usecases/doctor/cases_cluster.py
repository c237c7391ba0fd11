"""The cluster: situations for the checks of the group cluster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.options.purpose import Purpose
from kitctl.tools.kube.client import Kube
from kitctl.usecases.doctor.checks.cluster import certificates
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.place import Place
from tests.unit.fake_doctor import LABELS, Cluster, World, case, deployment, node

DOWN = KitError("cluster-unreachable", "does not answer", "timed out", "kubectl get nodes", ExitCode.UNREACHABLE)
MINE = deployment(image="kitctl.local/airflow:3.3.2-0123456789ab")


@case("context", "ok", "https://kube.test")
def _(w: World) -> Facts:
    return w.facts()


@case("context", "ok", "up makes it (node)")
def _(w: World) -> Facts:
    return w.facts(place=Place("node", Cluster(), exists=False))


@case("context", "error", "deploy makes none", "kitctl cluster create")
def _(w: World) -> Facts:
    return w.facts(purpose=Purpose.DEPLOY, place=Place("node", Cluster(), exists=False))


@case("context", "error", "timed out", error="cluster-unreachable")
def _(w: World) -> Facts:
    return w.facts(place=Place("existing", Cluster(ours=False), trouble=DOWN))


@case("context", "warning", error="cluster-unreachable")
def _(w: World) -> Facts:
    return w.facts(place=Place("node", Cluster(), trouble=DOWN))


@case("context", "warning", "has no kube context")
def _(w: World) -> Facts:
    return w.facts(place=Place("node", Cluster(), trouble=KitError("context-missing", "no context", fix="x")))


def version(w: World, text: str) -> Facts:
    w.patch.setattr(Kube, "version", lambda _: text)
    return w.facts()


@case("kubernetes-version", "error", "too old")
def _(w: World) -> Facts:
    return version(w, "v1.29.9")


@case("kubernetes-version", "warning", "is new")
def _(w: World) -> Facts:
    return version(w, "v1.37.0")


@case("kubernetes-version", "ok")
def _(w: World) -> Facts:
    return version(w, "v1.30.0")


@case("kubernetes-version", "ok")
def _(w: World) -> Facts:
    return version(w, "v1.36.9")


@case("nodes", "error", "None of 0 nodes")
def _(w: World) -> Facts:
    return w.facts()


@case("nodes", "ok", "1 node ready")
def _(w: World) -> Facts:
    node(w)
    return w.facts()


@case("nodes", "warning", "not ready: b")
def _(w: World) -> Facts:
    node(w)
    node(w, "b", ready=False)
    return w.facts()


@case("nodes", "warning", "a (DiskPressure)")
def _(w: World) -> Facts:
    node(w, conditions=[{"type": "DiskPressure", "status": "True"}, {"type": "PIDPressure", "status": "False"}])
    return w.facts()


def lease(w: World, seconds: float, name: str = "a") -> Facts:
    stamp = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    path = f"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}"
    w.fake.objects[path] = {"metadata": {"name": name}, "spec": {"renewTime": stamp}}
    return w.facts()


@case("clock", "ok")
def _(w: World) -> Facts:
    return lease(w, -39)


@case("clock", "ok")
def _(w: World) -> Facts:
    return lease(w, 5)


@case("clock", "ok")
def _(w: World) -> Facts:
    lease(w, -9999, "a-dead-node")
    return lease(w, -3)


@case("clock", "ok")
def _(w: World) -> Facts:
    return w.facts()


@case("clock", "warning", "ahead")
def _(w: World) -> Facts:
    return lease(w, 60)


@case("clock", "warning", "behind")
def _(w: World) -> Facts:
    return lease(w, -300)


def server(image: str) -> dict[str, Any]:
    return deployment("api-server", image=image)


@case("architecture", "ok", "amd64")
def _(w: World) -> Facts:
    node(w)
    return w.facts(objects=[server("kitctl.local/airflow:1")])


@case("architecture", "error", "a (arm64)", "--platform")
def _(w: World) -> Facts:
    node(w, arch="arm64")
    return w.facts(objects=[server("kitctl.local/airflow:1")])


@case("architecture", "warning", "b (arm64)")
def _(w: World) -> Facts:
    node(w)
    node(w, "b", arch="arm64")
    return w.facts(objects=[server("kitctl.local/airflow:1")])


@case("architecture", "not-applicable", "was not built here")
def _(w: World) -> Facts:
    node(w, arch="arm64")
    return w.facts(objects=[server("apache/airflow:3.3.2")])


TAINT = {"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]}


@case("placement", "ok")
def _(w: World) -> Facts:
    node(w, labels={"disk": "ssd"})
    return w.facts(objects=[deployment(nodeSelector={"disk": "ssd"})])


@case("placement", "error", "airflow-scheduler", "tolerations")
def _(w: World) -> Facts:
    node(w, spec=TAINT)
    return w.facts(objects=[deployment()])


@case("placement", "ok")
def _(w: World) -> Facts:
    node(w, spec=TAINT)
    same = {"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}
    return w.facts(objects=[deployment(tolerations=[same]), deployment(tolerations=[{"operator": "Exists"}])])


@case("placement", "error")
def _(w: World) -> Facts:
    node(w, labels={"disk": "hdd"})
    return w.facts(objects=[deployment(nodeSelector={"disk": "ssd"})])


@case("placement", "error")
def _(w: World) -> Facts:
    node(w, spec={"unschedulable": True})
    return w.facts(objects=[deployment()])


def affine(operator: str, *values: str) -> dict[str, Any]:
    rule = {"key": "size", "operator": operator, "values": list(values)}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [rule]}]}
    return deployment(affinity={"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}})


@case("placement", "ok")
def _(w: World) -> Facts:
    node(w, labels={"size": "8"})
    rules = [("In", "8", "9"), ("NotIn", "1"), ("Exists",), ("Gt", "7"), ("Lt", "9")]
    return w.facts(objects=[affine(*rule) for rule in rules])


@case("placement", "error")
def _(w: World) -> Facts:
    node(w, labels={"size": "8"})
    return w.facts(objects=[affine("DoesNotExist")])


@case("placement", "error", "task")
def _(w: World) -> Facts:
    node(w)
    return w.facts(objects=[templates("nodeSelector: {disk: ssd}")])


@case("placement", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(objects=[deployment()])


def templates(spec: str) -> dict[str, Any]:
    text = f"metadata: {{labels: {{a: b}}}}\nspec: {{{spec}}}\n"
    meta = {"name": "airflow-pod-templates"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"image.yaml": text}}


def running(w: World, name: str, cpu: str, labels: dict[str, str], phase: str = "Running") -> None:
    container = {"name": "c", "resources": {"requests": {"cpu": cpu}}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "status": {"phase": phase}}
    w.fake.add({**pod, "spec": {"nodeName": "a", "containers": [container]}})


@case("capacity", "ok", "requests 2.00 processors, 4.00 GiB", "3.00 processors")
def _(w: World) -> Facts:
    node(w)
    running(w, "other", "1", {})
    running(w, "mine", "3", LABELS)
    running(w, "ended", "3", {}, "Succeeded")
    return w.facts(objects=[deployment(replicas=4)])


@case("capacity", "error", "requests 4.50 processors, and the nodes have 4.00 processors left")
def _(w: World) -> Facts:
    node(w)
    return w.facts(objects=[deployment(replicas=9)])


@case("capacity", "error", "9.00 GiB of memory, and the nodes have 8.00")
def _(w: World) -> Facts:
    node(w)
    return w.facts(objects=[deployment(resources={"requests": {"memory": "9Gi"}})])


@case("capacity", "error", "No node has room for a pod of airflow-scheduler")
def _(w: World) -> Facts:
    node(w)
    node(w, "b")
    return w.facts(objects=[deployment(resources={"requests": {"cpu": "5"}})])


@case("capacity", "warning", "No task fits beside")
def _(w: World) -> Facts:
    node(w)
    task = templates("containers: [{name: base, resources: {requests: {cpu: '1'}}}]")
    return w.facts(objects=[deployment(replicas=7), task])


@case("capacity", "not-applicable")
def _(w: World) -> Facts:
    node(w, ready=False)
    return w.facts(objects=[deployment()])


def webhook(w: World, policy: str = "Fail", resource: str = "pods") -> Facts:
    hook = {
        "name": "check.policy.io",
        "failurePolicy": policy,
        "clientConfig": {"service": {"namespace": "policy", "name": "server"}},
        "rules": [{"resources": [resource]}],
    }
    meta = {"name": "policy"}
    kind = "ValidatingWebhookConfiguration"
    w.fake.add({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": meta, "webhooks": [hook]})
    return w.facts()


def endpoints(w: World, *, ready: bool) -> None:
    meta = {"name": "server-x", "labels": {"kubernetes.io/service-name": "server"}}
    points = [{"addresses": ["10.0.0.1"], "conditions": {"ready": ready}}]
    w.fake.add(
        {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": meta, "endpoints": points}, "policy"
    )


@case("webhooks", "ok", "1 webhook must agree")
def _(w: World) -> Facts:
    endpoints(w, ready=True)
    return webhook(w)


@case("webhooks", "warning", "check.policy.io")
def _(w: World) -> Facts:
    return webhook(w)


@case("webhooks", "warning")
def _(w: World) -> Facts:
    endpoints(w, ready=False)
    return webhook(w)


@case("webhooks", "not-applicable")
def _(w: World) -> Facts:
    return webhook(w, policy="Ignore")


@case("webhooks", "not-applicable")
def _(w: World) -> Facts:
    return webhook(w, resource="certificates")


def ending(w: World, **ends: timedelta) -> Facts:
    """Certificates are texts here; when real ones end is read in tests/unit/tools/test_certificate.py."""
    w.patch.setattr(certificates, "expires", lambda pem: datetime.now(UTC) + ends[pem] if pem in ends else None)
    w.patch.setattr(Kube, "certificate", "kubeconfig")
    w.fake.add_secret("tls", {"tls.crt": "ingress"})
    spec = {"tls": [{"secretName": "tls"}]}
    ingress = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i"}, "spec": spec}
    return w.facts(objects=[ingress])


@case("certificates", "ok")
def _(w: World) -> Facts:
    return ending(w, kubeconfig=timedelta(days=300), ingress=timedelta(days=15))


@case("certificates", "warning", "the Secret tls", "create secret tls tls")
def _(w: World) -> Facts:
    return ending(w, kubeconfig=timedelta(days=300), ingress=timedelta(days=13))


@case("certificates", "error", "the kubeconfig ended")
def _(w: World) -> Facts:
    return ending(w, kubeconfig=timedelta(days=-1), ingress=timedelta(days=13))


@case("certificates", "error")
def _(w: World) -> Facts:
    facts = ending(w, kubeconfig=timedelta(days=-1))
    facts.seen["wanted"] = refusing
    return facts


def refusing() -> None:
    raise KitError("values-invalid", "no YAML", fix="x")


@case("certificates", "not-applicable")
def _(w: World) -> Facts:
    return ending(w)
