"""A pod of the kit's own for one job: made after the pattern of the dag-processor's, watched, and removed at the end.

It reads what the component reads: with its image, its rights, from its place on the cluster.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kitctl.errors import KitError
from kitctl.images.dag_import import REPORT
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube import read
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import KEPT_BY_ARGO, Pod

PATTERN = "dag-processor"
_INHERITED = (
    "securityContext",
    *("nodeSelector", "tolerations", "affinity", "schedulerName", "runtimeClassName", "priorityClassName"),
    "imagePullSecrets",
    *("hostAliases", "dnsPolicy", "dnsConfig"),
)
_PERIOD = 0.3


def deployments(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the Deployments of rendered objects by their component."""
    found = [o for o in objects if o["kind"] == "Deployment"]
    return {str((o["metadata"].get("labels") or {}).get("app.kubernetes.io/component") or ""): o for o in found}


def main_container(deployment: Mapping[str, Any], name: str = PATTERN) -> dict[str, Any]:
    """Return the container of a component's Deployment that does its work, by default the one that reads the DAGs."""
    containers = deployment["spec"]["template"]["spec"]["containers"]
    return dict(next(c for c in containers if c["name"] == name))


def variables(container: Mapping[str, Any], prefixes: tuple[str, ...], names: Iterable[str]) -> list[dict[str, Any]]:
    """Return variables of a container for a pod that must start although Secrets may be missing.

    Args:
        container: The container.
        prefixes: What names of the wanted ones begin with.
        names: More wanted ones.
    """
    found, more = [], set(names)
    for entry in container.get("env") or []:
        if not entry["name"].startswith(prefixes) and entry["name"] not in more:
            continue
        source = (entry.get("valueFrom") or {}).get("secretKeyRef")
        found.append({**entry, "valueFrom": {"secretKeyRef": {**source, "optional": True}}} if source else entry)
    return found


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
    ours = True
    try:
        try:
            kube.create(dict(pod), namespace)
        except KitError:  # refused, or another kitctl was quicker; after an interrupt, it may be there
            ours = False
            raise
        yield name
    finally:
        if ours:
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


def report(
    kube: Kube, namespace: str, pod: Mapping[str, Any], seconds: float, deadline: Deadline
) -> tuple[dict[str, Any] | None, str]:
    """Make a pod whose program prints a report, and remove it.

    Args:
        kube: The cluster.
        namespace: Where it is made; it must exist.
        pod: The pod.
        seconds: How long its program may take.
        deadline: How long to wait in all.

    Returns:
        The report, or None and the reason why there is none: the pod may not be made, or it did not run.
    """
    try:
        with made(kube, namespace, pod, deadline) as name:
            text = answer(kube, namespace, name, deadline.sooner(seconds))
    except KitError as error:
        if error.id != "forbidden":
            raise
        text = error.message
    found = REPORT.search(text)
    return (json.loads(found[1]), "") if found else (None, text.strip()[-300:] or "its pod said nothing")
