"""Whether the claims that several pods share are there, and fit the nodes on which those pods may run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.rights import unless_forbidden

_ONE_NODE = {"ReadWriteOnce", "ReadWriteOncePod"}
_KEYS = {
    "logs": "logs.persistence.existingClaim",
    "dags": "dags.pvc.existingClaim",
    "bundles": "dags.bundle.cache.existingClaim",
    "plugins": "plugins.existingClaim",
}
"""Volumes that several pods share, and the key that may name a claim for them."""


def claims_reach_all_nodes(kube: Kube, namespace: str, objects: Iterable[dict[str, Any]]) -> None:
    """Refuse a shared claim that is missing, or that binds to one node where its pods may run on several.

    Judged are the kit's claims, new ones and those that an earlier deploy made, and those that the values name. Claims
    of a StatefulSet belong to one pod and pass. Who may not read claims or list nodes is not stopped: Kubernetes tells
    of it then, by a pod that stays Pending.

    Raises:
        KitError: `claim-missing`, `claim-for-one-node`.
    """
    everything = list(objects)
    pods = list(_pods(everything))
    rendered = {o["metadata"]["name"]: o for o in everything if o["kind"] == "PersistentVolumeClaim"}
    wanted = dict.fromkeys(rendered, "")
    for pod in pods:
        wanted.update({name: wanted.get(name) or key for name, key in _shared(pod).items() if name not in rendered})
    narrow: list[str] = []
    for name, key in wanted.items():
        modes = _modes(kube, namespace, name, rendered.get(name))
        if modes is None:
            raise _missing(namespace, name, key)
        if modes and modes <= _ONE_NODE:
            narrow.append(name)
    nodes = _nodes(kube) if narrow else []
    for name in narrow:
        reached = _reached(nodes, [pod for pod in pods if name in _shared(pod)])
        if reached > 1:
            raise _for_one_node(name, reached)


def _pods(objects: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the PodSpecs of the Deployments, and of the worker pods, whose templates stand in a ConfigMap."""
    for obj in objects:
        if obj["kind"] == "Deployment":
            yield obj["spec"]["template"]["spec"]
        elif obj["kind"] == "ConfigMap" and obj["metadata"]["name"].endswith("-pod-templates"):
            for text in (obj.get("data") or {}).values():
                yield (yaml.safe_load(text) or {}).get("spec") or {}


def _shared(pod: dict[str, Any]) -> dict[str, str]:
    """Return the claims of a pod that other pods mount, too, with the key that may name each."""
    return {
        volume["persistentVolumeClaim"]["claimName"]: _KEYS[volume["name"]]
        for volume in pod.get("volumes") or []
        if volume["name"] in _KEYS and "persistentVolumeClaim" in volume
    }


def _modes(kube: Kube, namespace: str, name: str, rendered: dict[str, Any] | None) -> set[str] | None:
    """Return a claim's access modes: of the cluster where it is there, else as rendered; None if there is none.

    An empty set means that nobody may tell.
    """

    def look() -> set[str] | None:
        there = kube.claim(namespace, name)
        return set(there.modes) if there else None

    found: set[str] | None = unless_forbidden(look, set())
    if found is not None or rendered is None:
        return found
    return set(rendered["spec"].get("accessModes") or [])


def _nodes(kube: Kube) -> list[dict[str, str]]:
    """Return the labels of the nodes that take pods: ready, and neither cordoned nor tainted."""
    found = unless_forbidden(lambda: kube.list("Node"), [])
    return [node["metadata"].get("labels") or {} for node in found if takes_pods(node)]


def takes_pods(node: dict[str, Any]) -> bool:
    """Whether a node is ready, and neither cordoned nor tainted."""
    spec = node.get("spec") or {}
    conditions = (node.get("status") or {}).get("conditions") or []
    closed = any(taint.get("effect") in {"NoSchedule", "NoExecute"} for taint in spec.get("taints") or [])
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
    return ready and not closed and not spec.get("unschedulable")


def _reached(nodes: list[dict[str, str]], pods: list[dict[str, Any]]) -> int:
    """Count the nodes on which at least one of the pods may run, by their nodeSelector."""
    selectors = [pod.get("nodeSelector") or {} for pod in pods] or [{}]
    return sum(any(selector.items() <= labels.items() for selector in selectors) for labels in nodes)


def _missing(namespace: str, name: str, key: str) -> KitError:
    return KitError(
        "claim-missing",
        f"There is no claim {name} in the namespace {namespace}, and {key} names it",
        cause="Pods that mount it would stay Pending forever",
        fix=f"kubectl -n {namespace} get pvc    # correct the name, create the claim, or remove {key}",
        code=ExitCode.PREFLIGHT,
    )


def _for_one_node(name: str, nodes: int) -> KitError:
    return KitError(
        "claim-for-one-node",
        f"The claim {name} can be mounted on one node only, and its pods may run on {nodes}",
        cause="Pods on other nodes would stay Pending: the access mode is ReadWriteOnce or ReadWriteOncePod",
        fix="Use a StorageClass that several nodes can mount, in values.yaml:\n"
        "  logs: {persistence: {accessMode: ReadWriteMany, storageClass: CLASS}}\n"
        "  dags: {pvc: {accessMode: ReadWriteMany, storageClass: CLASS}}    # mode pvc\n"
        "An existing claim keeps its mode: name another one with existingClaim, or delete it first\n"
        "Or keep logs elsewhere: logs.remote, with logs.persistence.enabled=false\n"
        "Or keep its pods on one node: nodeSelector: {kubernetes.io/hostname: NODE} below workers and each component",
        code=ExitCode.PREFLIGHT,
    )
