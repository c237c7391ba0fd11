"""Namespaces that the kit makes for a release, and takes away again when they are empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kitctl.errors import KitError
from kitctl.model.names import Names, names
from kitctl.model.settings import Settings
from kitctl.release.operation import Steps
from kitctl.release.preflight import cluster
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import INSTANCE, PART_OF
from kitctl.tools.kube.rights import unless_forbidden

_MANAGED = "app.kubernetes.io/managed-by"
HOME = "airflow-kit/home"
"""Label of a namespace that the kit made for worker pods: the namespace of the release that they belong to."""

LABELS = {PART_OF: "airflow-kit", _MANAGED: "kitctl", "pod-security.kubernetes.io/enforce": "restricted"}
"""Labels of a namespace that the kit makes; one that was there keeps its own."""

_KINDS = (
    # What counts as somebody's when a namespace is looked at.
    "Pod",
    "Service",
    "PersistentVolumeClaim",
    "Secret",
    "ConfigMap",
    "ServiceAccount",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    # Another release whose worker pods run here has at least these, even while no task runs.
    "RoleBinding",
)
_KUBERNETES_OWN = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}


@contextmanager
def made(kube: Kube, settings: Settings, known: Names, steps: Steps) -> Iterator[list[str]]:
    """Make the namespaces of a release that are missing; an error inside the block removes what was made here.

    Yields:
        The names of those that were made.
    """
    new: list[str] = []
    home = {HOME: settings.namespace, INSTANCE: settings.release}
    for name in dict.fromkeys((settings.namespace, known.executor_namespace)):
        labels = LABELS if name == settings.namespace else {**LABELS, **home}
        if not cluster.namespace_usable(kube, name) and kube.ensure_namespace(name, labels):
            new.append(name)
            steps.note(f"namespace {name} made, Pod Security restricted")
    try:
        yield new
    except KitError:
        for name in new:
            kube.delete("Namespace", "", name)
        raise


def of_release(kube: Kube, settings: Settings, config: Mapping[str, Any]) -> list[str]:
    """Return the namespace of a release, and the one of its worker pods where that is another.

    Args:
        kube: The cluster.
        settings: The release.
        config: Values of Helm's newest record; without one, the label of a namespace that the kit made tells it.
    """
    found = [settings.namespace, names(settings.release, settings.namespace, config).executor_namespace]
    selector = f"{_MANAGED}=kitctl,{HOME}={settings.namespace},{INSTANCE}={settings.release}"
    labelled = unless_forbidden(lambda: kube.list("Namespace", selector=selector), [])
    return list(dict.fromkeys([*found, *(str(item["metadata"]["name"]) for item in labelled)]))


def ours(kube: Kube, name: str) -> bool:
    """Whether a namespace is there and its label says that the kit made it; who may not look is told no."""
    found = unless_forbidden(lambda: kube.namespace(name), None)
    return found is not None and (found["metadata"].get("labels") or {}).get(_MANAGED) == "kitctl"


def removable(kube: Kube, name: str, steps: Steps) -> bool:
    """Whether the kit made a namespace, and nothing of others is in it; what cannot be looked at stays."""
    if not ours(kube, name):
        return False
    others = unless_forbidden(lambda: _others(kube, name), None)
    if others:
        steps.note(f"the namespace {name} stays, since it holds {', '.join(others[:3])}")
    return others == []


def _others(kube: Kube, namespace: str) -> list[str]:
    """Return what is left in a namespace, Kubernetes' own objects aside."""
    return [
        f"{kind.lower()} {item['metadata']['name']}"
        for kind in _KINDS
        for item in kube.list(kind, namespace)
        if (kind, item["metadata"]["name"]) not in _KUBERNETES_OWN
    ]
