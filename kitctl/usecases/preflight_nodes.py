"""Whether the claims that several pods share fit the number of nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube import Kube

_ONE_NODE = {"ReadWriteOnce", "ReadWriteOncePod"}


def claims_reach_all_nodes(kube: Kube, namespace: str, objects: Iterable[dict[str, Any]]) -> None:
    """Refuse a new claim that binds to one node where pods of several nodes share it.

    Claims of a StatefulSet belong to one pod, and a claim that is there already serves its release: both pass. Who may
    not list nodes is not stopped: Kubernetes tells of it then, by a pod that stays Pending.

    Raises:
        KitError: `claim-for-one-node`.
    """
    shared = [
        claim["metadata"]["name"]
        for claim in objects
        if claim["kind"] == "PersistentVolumeClaim"
        and set(claim["spec"].get("accessModes") or []) <= _ONE_NODE
        and kube.claim(namespace, claim["metadata"]["name"]) is None
    ]
    if not shared:
        return
    try:
        nodes = [node.name for node in kube.nodes() if node.ready]
    except KitError as error:
        if error.id != "forbidden":
            raise
        return
    if len(nodes) < 2:  # noqa: PLR2004
        return
    raise KitError(
        "claim-for-one-node",
        f"The claim {', '.join(shared)} can be mounted on one node only, and this cluster has {len(nodes)}",
        cause="Task pods on other nodes would stay Pending: the access mode is ReadWriteOnce",
        fix="Use a StorageClass that several nodes can mount, in values.yaml:\n"
        "  logs: {persistence: {accessMode: ReadWriteMany, storageClass: CLASS}}\n"
        "  dags: {pvc: {accessMode: ReadWriteMany, storageClass: CLASS}}    # mode pvc\n"
        "Or keep logs elsewhere: logs.remote, with logs.persistence.enabled=false",
        code=ExitCode.PREFLIGHT,
    )
