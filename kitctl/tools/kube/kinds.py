"""How the Kubernetes API serves each kind: the only place that builds paths of the REST API.

The kinds that the kit reads, writes or renders stand in a table, since every cluster that Airflow runs on serves them
under these versions; others (custom resources in a user's manifests) are looked up in the cluster.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    """One kind as the API serves it.

    Attributes:
        version: apiVersion, e.g. "v1" or "apps/v1".
        plural: Plural name in paths and in Roles, e.g. "deployments".
        namespaced: Whether its objects live in a namespace.
    """

    version: str
    plural: str
    namespaced: bool = True

    @property
    def group(self) -> str:
        """API group, "" for the core group."""
        return self.version.rpartition("/")[0]

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of an object, or of the collection without a name.

        Args:
            namespace: Namespace; "" means all of them. Ignored for kinds that live in none.
            name: Name of the object.
        """
        inside = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{version_path(self.version)}{inside}/{self.plural}" + (f"/{name}" if name else "")


def version_path(version: str) -> str:
    """Return the path of an apiVersion; a GET on it lists the kinds that it serves."""
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


_ADMISSION = "admissionregistration.k8s.io/v1"

KINDS: dict[str, Resource] = {
    "ConfigMap": Resource("v1", "configmaps"),
    "LimitRange": Resource("v1", "limitranges"),
    "ResourceQuota": Resource("v1", "resourcequotas"),
    "Event": Resource("v1", "events"),
    "Namespace": Resource("v1", "namespaces", namespaced=False),
    "Node": Resource("v1", "nodes", namespaced=False),
    "PersistentVolumeClaim": Resource("v1", "persistentvolumeclaims"),
    "Pod": Resource("v1", "pods"),
    "Secret": Resource("v1", "secrets"),
    "Service": Resource("v1", "services"),
    "ServiceAccount": Resource("v1", "serviceaccounts"),
    "DaemonSet": Resource("apps/v1", "daemonsets"),
    "Deployment": Resource("apps/v1", "deployments"),
    "StatefulSet": Resource("apps/v1", "statefulsets"),
    "HorizontalPodAutoscaler": Resource("autoscaling/v2", "horizontalpodautoscalers"),
    "SelfSubjectAccessReview": Resource("authorization.k8s.io/v1", "selfsubjectaccessreviews", namespaced=False),
    "CronJob": Resource("batch/v1", "cronjobs"),
    "Job": Resource("batch/v1", "jobs"),
    "EndpointSlice": Resource("discovery.k8s.io/v1", "endpointslices"),
    "Ingress": Resource("networking.k8s.io/v1", "ingresses"),
    "MutatingWebhookConfiguration": Resource(_ADMISSION, "mutatingwebhookconfigurations", namespaced=False),
    "ValidatingWebhookConfiguration": Resource(_ADMISSION, "validatingwebhookconfigurations", namespaced=False),
    "Lease": Resource("coordination.k8s.io/v1", "leases"),
    "NetworkPolicy": Resource("networking.k8s.io/v1", "networkpolicies"),
    "PodDisruptionBudget": Resource("policy/v1", "poddisruptionbudgets"),
    "Role": Resource("rbac.authorization.k8s.io/v1", "roles"),
    "RoleBinding": Resource("rbac.authorization.k8s.io/v1", "rolebindings"),
    "StorageClass": Resource("storage.k8s.io/v1", "storageclasses", namespaced=False),
}
