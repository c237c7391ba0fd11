"""Kubernetes objects as the small dataclasses that the use cases read; `read` makes them from JSON."""

from __future__ import annotations

from dataclasses import dataclass, field

COMPONENT = "app.kubernetes.io/component"
INSTANCE = "app.kubernetes.io/instance"
NAME = "app.kubernetes.io/name"
PART_OF = "app.kubernetes.io/part-of"
OURS = f"{PART_OF}=airflow-kit"
"""Selector of the kit's own objects: another chart's release may carry the same instance label."""

KEPT_BY_ARGO = {
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
    "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
}
"""Annotations of what kitctl makes: Argo CD, which goes by the instance label, would delete it."""


@dataclass(frozen=True)
class Pod:
    """A pod as the kit reads it.

    Attributes:
        name: Its name.
        namespace: Its namespace.
        uid: Its uid.
        component: Its component label, "" when it has none.
        phase: Pending, Running, Succeeded, Failed or Unknown; Terminating once it is being deleted.
        ready: Whether its Ready condition holds.
        restarts: Restarts of all its containers.
        reason: Why it does not run, e.g. ImagePullBackOff or Unschedulable; "" when nothing is wrong.
        message: Kubernetes' words for that reason.
        container: The container that the reason is about, "" when it is about the pod.
        owner: Name of the object that controls it.
        labels: Its labels.
        annotations: Its annotations.
        node: The node that it runs on.
        created: Time of creation (RFC 3339).
    """

    name: str
    namespace: str
    uid: str
    component: str
    phase: str
    ready: bool
    restarts: int
    reason: str = ""
    message: str = ""
    container: str = ""
    owner: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    node: str = ""
    created: str = ""


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet of a release.

    Attributes:
        component: Its component label.
        kind: "Deployment" or "StatefulSet".
        name: Its name.
        ready: Ready pods of the newest revision.
        wanted: Pods that it wants.
        restarts: Restarts in its pods.
        message: What keeps a pod of it from running, "" when nothing does.
        current: Whether the newest revision is rolled out and no old pod is left.
        shrinks: Whether only surplus pods are left to end: those of Celery first end their tasks.
    """

    component: str
    kind: str
    name: str
    ready: int
    wanted: int
    restarts: int
    message: str = ""
    current: bool = True
    shrinks: bool = False

    @property
    def is_healthy(self) -> bool:
        """Whether it does what is wanted of it. Pods of an autoscaler that still end their tasks are no fault."""
        return self.is_ready or (self.shrinks and self.ready >= self.wanted)

    @property
    def is_ready(self) -> bool:
        """Whether every wanted pod of the newest revision is ready."""
        return self.current and self.ready >= self.wanted


@dataclass(frozen=True)
class Job:
    """A Job: its component, whether it is complete or failed, the CronJob that owns it, time of creation (RFC 3339)."""

    component: str
    name: str
    namespace: str
    complete: bool
    failed: bool
    message: str = ""
    owner: str = ""
    created: str = ""


@dataclass(frozen=True)
class CronJob:
    """A CronJob: schedule, time zone ("" for the cluster's), and when it last started and last succeeded (RFC 3339)."""

    component: str
    name: str
    schedule: str
    time_zone: str
    suspended: bool
    last_scheduled: str = ""
    last_successful: str = ""


@dataclass(frozen=True)
class Service:
    """A Service: type, cluster address, and its ports as {name: (port, nodePort or None)}."""

    name: str
    namespace: str
    type: str
    cluster_ip: str
    ports: dict[str, tuple[int, int | None]]
    labels: dict[str, str] = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True)
class Claim:
    """A PersistentVolumeClaim: name, phase, access modes, size, labels, uid."""

    name: str
    phase: str
    modes: tuple[str, ...]
    size: str
    labels: dict[str, str]
    uid: str


@dataclass(frozen=True)
class Node:
    """A node: readiness, version, architecture, allocatable CPU and memory (Kubernetes quantities), addresses."""

    name: str
    ready: bool
    version: str
    arch: str
    cpu: str
    memory: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class StorageClass:
    """A StorageClass and whether it is the default one."""

    name: str
    provisioner: str
    default: bool
