"""A pod of the kit's own for one job: made after the pattern of the dag-processor's, watched, and removed at the end.

It reads what the component reads: with its image, its rights, from its place on the cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kitctl.tools.deadline import Deadline
from kitctl.tools.kube import read
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import KEPT_BY_ARGO, Pod

PATTERN = "dag-processor"
_INHERITED = ("securityContext", "nodeSelector", "tolerations", "imagePullSecrets", "priorityClassName", "affinity")
_PERIOD = 0.3


def deployments(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the Deployments of rendered objects by their component."""
    found = [o for o in objects if o["kind"] == "Deployment"]
    return {str((o["metadata"].get("labels") or {}).get("app.kubernetes.io/component") or ""): o for o in found}


def main_container(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """Return the container of the dag-processor's Deployment that reads the DAGs."""
    containers = deployment["spec"]["template"]["spec"]["containers"]
    return dict(next(c for c in containers if c["name"] == PATTERN))


def manifest(
    deployment: Mapping[str, Any], component: str, container: Mapping[str, Any], **spec: Any
) -> dict[str, Any]:
    """Make the pod `<fullname>-<component>`.

    Args:
        deployment: The dag-processor's Deployment, rendered or as it runs.
        component: Names the job; no Service and no policy of the release selects it.
        container: What differs from the component's container: name, command, resources, volumeMounts, env.
        spec: More of the pod's spec, or other values for it: activeDeadlineSeconds, which ends a pod that nobody
            removed since kitctl was killed, and volumes.
    """
    template = deployment["spec"]["template"]["spec"]
    main = main_container(deployment)
    labels = {k: v for k, v in deployment["metadata"]["labels"].items() if k != "app.kubernetes.io/managed-by"}
    labels |= {"app.kubernetes.io/component": component, "app.kubernetes.io/managed-by": "kitctl"}
    copied = {
        "image": main["image"],
        "imagePullPolicy": main.get("imagePullPolicy", "IfNotPresent"),
        "securityContext": main["securityContext"],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": deployment["metadata"]["name"].removesuffix(PATTERN) + component,
            "labels": labels,
            "annotations": KEPT_BY_ARGO,
        },
        "spec": {
            **{key: template[key] for key in _INHERITED if key in template},
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [{**copied, **container}],
            **spec,
        },
    }


@contextmanager
def made(kube: Kube, namespace: str, pod: Mapping[str, Any], deadline: Deadline) -> Iterator[str]:
    """Create a pod in place of one that was left over, yield its name, and remove it whatever happens.

    Args:
        kube: The cluster.
        namespace: Where it is made; it must exist.
        pod: The pod.
        deadline: How long to wait for the one that was left over to end.

    Raises:
        KitError: `forbidden`.
    """
    name = str(pod["metadata"]["name"])
    kube.delete("Pod", namespace, name, grace_seconds=0)
    deadline.until(lambda: True if kube.get("Pod", namespace, name) is None else None, every=_PERIOD)
    kube.create(dict(pod), namespace)
    try:
        yield name
    finally:
        kube.delete("Pod", namespace, name, grace_seconds=0)


def wait(kube: Kube, namespace: str, name: str, phases: set[str], deadline: Deadline) -> tuple[bool, str]:
    """Wait until a pod is in one of the phases, has failed, cannot have its image, or the time is over.

    Returns:
        Whether it is in one of the phases, and Kubernetes' words for why it is not.
    """
    pod: Pod | None = None

    def settled() -> bool | None:
        nonlocal pod
        found = kube.get("Pod", namespace, name)
        pod = read.pod(found) if found else None
        if pod and pod.phase in phases:
            return True
        return False if pod and (pod.phase == "Failed" or "Image" in pod.reason) else None

    if deadline.until(settled, every=_PERIOD) and pod:
        return True, pod.message
    return False, f"{pod.reason or pod.phase} {pod.message}".strip() if pod else "It was never seen"


def answer(kube: Kube, namespace: str, name: str, deadline: Deadline) -> str:
    """Return what a pod printed when it has ended, or why it did not run."""
    ended, words = wait(kube, namespace, name, {"Succeeded", "Failed"}, deadline)
    return (kube.pod_log(namespace, name, tail=100) if ended else "") or words
