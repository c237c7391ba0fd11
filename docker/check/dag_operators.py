"""What tasks ask of the pods that they create themselves: KubernetesPodOperator, @task.kubernetes and their kin."""

from collections.abc import Iterator
from typing import Any

from dag_findings import Finding, finding

_CAPABILITIES = {"NET_BIND_SERVICE"}
"""What Pod Security "restricted" lets a container add."""
_PLACES = ("in_cluster", "config_file", "cluster_context")
_SAYS = (*_PLACES, "hostnetwork", "security_context", "container_security_context", "volumes")


def operator_findings(dag: Any, file: str) -> Iterator[Finding]:
    """Warn about pods in this cluster that Pod Security "restricted" refuses, whatever the kit adds to them."""
    for task in dag.tasks:
        # A mapped task has its class, and what is the same for all of its instances.
        if not hasattr(getattr(task, "operator_class", task), "build_pod_request_obj"):
            continue
        said = {name: getattr(task, "partial_kwargs", vars(task)).get(name) for name in _SAYS}
        if said["in_cluster"] is False or said["config_file"] or said["cluster_context"]:
            continue  # a pod of another cluster
        if asked := list(_privileges(said)):
            yield finding(
                "operator-pod-privileged",
                file,
                f"Task {task.task_id} of {dag.dag_id}: its pod asks for {', '.join(asked)}. Pod Security "
                '"restricted" refuses this, and namespaces that kitctl creates enforce it',
                severity="warning",
                fix="Leave it out, or give worker pods a namespace with another level: workers.namespace",
            )


def _privileges(said: dict[str, Any]) -> Iterator[str]:
    if said["hostnetwork"]:
        yield "the host's network"
    pod, container = _plain(said["security_context"]), _plain(said["container_security_context"])
    if 0 in (pod.get("runAsUser"), container.get("runAsUser")):
        yield "user 0"
    if False in (pod.get("runAsNonRoot"), container.get("runAsNonRoot")):
        yield "runAsNonRoot: false"
    for key in ("privileged", "allowPrivilegeEscalation"):
        if container.get(key):
            yield f"{key}: true"
    if more := set((container.get("capabilities") or {}).get("add") or []) - _CAPABILITIES:
        yield f"the capabilities {', '.join(sorted(more))}"
    for volume in _plain(said["volumes"]) or []:
        if volume.get("hostPath"):
            yield f"the hostPath {volume['hostPath'].get('path')}"


def _plain(what: Any) -> Any:
    """Return a context or volumes as Kubernetes reads them; a DAG may give objects or dicts."""
    from kubernetes.client import ApiClient  # noqa: PLC0415

    return ApiClient().sanitize_for_serialization(what) or {}
