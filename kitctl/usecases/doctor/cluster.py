"""Checks of the cluster: version, rights, storage, ports, leftovers, clocks. Part of `kitctl doctor`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kitctl import clusters
from kitctl.errors import KitError
from kitctl.model.names import Names, names
from kitctl.model.settings import NODE_PORT
from kitctl.model.versions import pin
from kitctl.release.preflight import cluster
from kitctl.tools.helm.records import Record, records
from kitctl.tools.toolbox import version
from kitctl.usecases.doctor.findings import ClusterCheck, Facts, Finding, bad, good, refused

if TYPE_CHECKING:
    from kitctl.tools.kube.client import Kube

_MADE = (  # kinds that an install writes
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "Job"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("v1", "ConfigMap"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
)
_SKEW = 10.0  # seconds: Airflow refuses task tokens when clocks differ by more (jwt_leeway)
_RENEWED = 40.0  # seconds: a kubelet writes its lease every 10 s, and a node counts as dead after 40


def kubernetes_version(facts: Facts, kube: Kube) -> Finding:
    """A version that the kit is tested with."""
    text = kube.version()
    have, low, high = (version(v) or (0, 0, 0) for v in (text, pin("kubernetes.minimum"), pin("kubernetes.maximum")))
    known = f"the kit is tested with {pin('kubernetes.minimum')} to {pin('kubernetes.maximum')}"
    if have[:2] < low[:2]:
        return bad("kubernetes-version", "error", f"Kubernetes {text} is too old; {known}", "Upgrade the cluster")
    if have[:2] > high[:2]:
        return bad("kubernetes-version", "warning", f"Kubernetes {text} is new; {known}", "Look for a newer kitctl")
    return good("kubernetes-version", f"Kubernetes {text}")


def nodes(facts: Facts, kube: Kube) -> Finding:
    """At least one node that takes pods."""
    found = kube.nodes()
    ready = [n for n in found if n.ready]
    if not ready:
        return bad("nodes", "error", f"None of {len(found)} nodes is ready", "kubectl describe nodes")
    if len(ready) < len(found):
        lost = ", ".join(n.name for n in found if not n.ready)
        return bad("nodes", "warning", f"These nodes are not ready: {lost}", "kubectl describe nodes")
    return good("nodes", f"{len(ready)} node{'s' if len(ready) > 1 else ''} ready")


def namespace(facts: Facts, kube: Kube) -> Finding:
    """A namespace that is there, or may be made."""
    name = facts.settings.namespace
    try:
        if cluster.namespace_usable(kube, name):
            return good("namespace", f"The namespace {name} is there")
    except KitError as error:
        return refused("namespace", error)
    if not kube.can_i("create", "namespaces", ""):
        fix = f"Ask a cluster admin: kubectl create namespace {name}"
        return bad("namespace", "error", f"The namespace {name} is absent, and you may not make it", fix)
    return good("namespace", f"The namespace {name} will be made")


def rights(facts: Facts, kube: Kube) -> Finding:
    """All rights that an install needs."""
    objects = [{"apiVersion": api, "kind": kind, "metadata": {"name": "x"}} for api, kind in _MADE]
    try:
        cluster.rights(kube, facts.settings.namespace, objects)
    except KitError as error:
        return refused("rights", error)
    return good("rights", f"You may install into the namespace {facts.settings.namespace}")


def storage_class(facts: Facts, kube: Kube) -> Finding:
    """A default StorageClass for the volumes of database and logs."""
    found = kube.storage_classes()
    default = [c.name for c in found if c.default]
    if not default:
        there = ", ".join(c.name for c in found) or "none"
        fix = (
            "Set postgres.storage.storageClass and logs.persistence.storageClass to one of them, or mark one as default"
        )
        return bad("storage-class", "error", f"No StorageClass is the default one; there are: {there}", fix)
    return good("storage-class", f"Volumes come from the StorageClass {default[0]}")


def node_port(facts: Facts, kube: Kube) -> Finding:
    """The NodePort of the UI is free or ours, on clusters that the kit makes."""
    if not clusters.makes(facts.provider):
        return good("node-port", "no fixed NodePort is used on clusters that others made")
    settings = facts.settings
    service = names(settings.release, settings.namespace, {}).of("api-server")
    wanted = {"kind": "Service", "metadata": {"name": service}, "spec": {"ports": [{"nodePort": NODE_PORT}]}}
    try:
        cluster.node_port_free(kube, settings.namespace, [wanted])
    except KitError as error:
        return refused("node-port", error)
    return good("node-port", f"The NodePort {NODE_PORT} is free, or the release's own")


def release(facts: Facts, kube: Kube) -> Finding:
    """No release of another chart under this name, no operation that died halfway."""
    settings, last = facts.settings, _last(facts, kube)
    if last is None:
        return good("release", f"There is no release {settings.release} in {settings.namespace} yet")
    try:
        cluster.release_ours(last, settings.release, settings.namespace)
    except KitError as error:
        return refused("release", error)
    if last.pending:
        words = f"An operation on the release {settings.release} was interrupted ({last.status})"
        return bad("release", "warning", words, "kitctl up repairs it")
    if last.status == "failed":
        return bad(
            "release", "warning", f"Revision {last.revision} of {settings.release} failed", "Run kitctl up again"
        )
    return good("release", f"The release {settings.release} is {last.status} (revision {last.revision}, {last.chart})")


def leftovers(facts: Facts, kube: Kube) -> Finding:
    """Data of an older install: volumes whose password is gone cannot be used any more."""
    settings, last = facts.settings, _last(facts, kube)
    config = last.config if last else {}
    own_postgres = bool((config.get("postgres") or {}).get("enabled", True))
    called = names(settings.release, settings.namespace, config)
    try:
        cluster.claim_has_keys(kube, settings.namespace, called, own_postgres=own_postgres)
    except KitError as error:
        return refused("leftovers", error)
    if last is not None:
        return good("leftovers", "nothing of an older install")
    return _kept(settings.namespace, kube, called)


def _kept(where: str, kube: Kube, called: Names) -> Finding:
    kept = [f"claim {called.postgres_claim}"] if kube.claim(where, called.postgres_claim) else []
    kept += [f"Secret {called.keys}"] if kube.secret(where, called.keys) else []
    if kept:
        return good("leftovers", f"up goes on with the data of an earlier install: {', '.join(kept)}")
    return good("leftovers", "nothing of an older install")


def clock(facts: Facts, kube: Kube) -> Finding:
    """Clocks of nodes and of this machine agree; Airflow's task tokens allow 10 s."""
    leases = kube.list("Lease", "kube-node-lease")
    now = datetime.now(UTC)
    ahead = max((_renewed(lease, now) for lease in leases), default=0.0)
    behind = -max((_renewed(lease, now) for lease in leases), default=0.0)
    if ahead > _SKEW:
        words = f"A node's clock is {ahead:.0f} s ahead of this machine's"
    elif behind > _RENEWED + _SKEW:
        words = f"The nodes' clocks are {behind - _RENEWED:.0f} s or more behind this machine's"
    else:
        return good("clock", "clocks agree")
    return bad("clock", "warning", words, "Switch on time synchronisation (chrony, systemd-timesyncd) on all machines")


def _renewed(lease: dict[str, Any], now: datetime) -> float:
    """Return how many seconds after `now` a node says that it wrote its lease; negative is before."""
    text = (lease.get("spec") or {}).get("renewTime")
    return (datetime.fromisoformat(text) - now).total_seconds() if text else 0.0


def _last(facts: Facts, kube: Kube) -> Record | None:
    known = records(kube, facts.settings.namespace, facts.settings.release)
    return known[-1] if known else None


CHECKS: list[ClusterCheck] = [
    kubernetes_version,
    nodes,
    namespace,
    rights,
    storage_class,
    node_port,
    release,
    leftovers,
    clock,
]
