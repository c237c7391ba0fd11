"""Values that every pod of the release has: once for all of them, and once more for each component and Job."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob
from kitctl.model.values.kube import (
    Affinity,
    Annotations,
    Container,
    DnsConfig,
    EnvVar,
    HostAlias,
    Labels,
    Lifecycle,
    PodSecurity,
    Security,
    Toleration,
    TopologySpread,
    Volume,
    VolumeMount,
)
from kitctl.model.values.types import ObjectName, OptionalSize


class PodFields(Section):
    """What may be set for pods."""

    pod_labels: Labels = knob({}, "More labels of the pods. Labels that the chart sets itself cannot be replaced.")
    pod_annotations: Annotations = knob({}, "More annotations of the pods.")
    env: list[EnvVar] = knob(
        [],
        "More environment variables of the main containers. They replace those of the same name that the chart or the "
        "release's `env` sets.",
    )
    node_selector: Labels = knob({}, "Labels that a node must have to run the pods.")
    tolerations: list[Toleration] = knob([], "Taints of nodes that the pods tolerate.")
    affinity: Affinity = knob({}, "Affinity and anti-affinity of the pods.")
    topology_spread_constraints: list[TopologySpread] = knob(
        [],
        "How the pods are spread over nodes and zones. A constraint without labelSelector selects the pods of the "
        "component. Empty spreads replicas of the API server, scheduler, DAG processor and triggerer over nodes, if "
        "there are several (`ScheduleAnyway`).",
    )
    priority_class_name: ObjectName = knob("", "Priority class of the pods.")
    scheduler_name: ObjectName = knob("", "Kubernetes scheduler that places the pods; empty means the default one.")
    runtime_class_name: ObjectName = knob("", "Runtime class of the pods, for example a sandbox.")
    host_aliases: list[HostAlias] = knob([], "Host names that the cluster's DNS does not know (`/etc/hosts`).")
    dns_policy: Literal["", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] = knob(
        "", "DNS policy of the pods; empty means ClusterFirst."
    )
    dns_config: DnsConfig = knob(
        {}, "DNS configuration of the pods, for example `options: [{name: ndots, value: '2'}]`."
    )
    automount_service_account_token: bool | None = knob(
        None,
        "Mount the token of the Kubernetes API; empty, and false in `pods`, mount it only where the chart needs it.",
        why="Anyone who can run code in a pod can use its token.",
    )
    pod_security_context: PodSecurity = knob(
        {}, "Fields of the pods' securityContext, which replace those of the chart (Pod Security `restricted`)."
    )
    container_security_context: Security = knob(
        {}, "Fields of the securityContext of the chart's containers, which replace those of the chart."
    )
    lifecycle: Lifecycle = knob(
        {},
        "Hooks of the main containers: `postStart` and `preStop`. A hook replaces the chart's.",
        why="Some software must be told before its container ends, for example a load balancer.",
    )
    shm_size_limit: OptionalSize = knob(
        "",
        "Size of /dev/shm, which counts as memory; empty means the container runtime's default, usually 64 MB.",
        why="Libraries for data science share memory between processes there.",
    )
    extra_volumes: list[Volume] = knob([], "More volumes. A volume of the same name replaces the chart's.")
    extra_volume_mounts: list[VolumeMount] = knob(
        [],
        "More volume mounts of the main containers and of those that wait for the database. A mount of the same path "
        "replaces the chart's.",
        why="The root file system is read-only: a task or component can write only to mounted volumes.",
    )
    first_init_containers: list[Container] = knob(
        [], "Init containers that run before the chart's own, for example to fetch certificates for the database."
    )
    extra_init_containers: list[Container] = knob(
        [],
        "More init containers. They run after the chart's own, so the database is reachable and the DAGs are in place. "
        "Sidecars (`restartPolicy: Always`) start before the chart's own.",
        why="A sidecar may be the proxy through which the database is reached.",
    )
    extra_containers: list[Container] = knob(
        [],
        "More containers beside the main one.",
        why="In worker pods and Jobs, add sidecars to extraInitContainers with `restartPolicy: Always`, or the pods "
        "never end.",
    )


class Pods(PodFields):
    """What every pod of the release has: components, Jobs, worker pods and PostgreSQL."""

    fixed_ids: bool = knob(
        True,
        "Run as the users and groups that the images have: 50000 for Airflow, 999 for PostgreSQL, 65533 for git-sync.",
        why="Set it to false where the cluster assigns the IDs, as OpenShift's `restricted-v2` does.",
    )
