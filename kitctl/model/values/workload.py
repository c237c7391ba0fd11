"""Values that several workloads have in common."""

from __future__ import annotations

from typing import Any, Literal

from kitctl.model.values._base import Section, knob, requests
from kitctl.model.values.kube import Annotations, Resources
from kitctl.model.values.pods import PodFields
from kitctl.model.values.types import ObjectName, OptionalPods, Pods, Positive, Replicas, Seconds, SecondsOrNone


def component_resources(cpu: str, memory: str) -> Any:
    """Return the key `resources` of a component."""
    return knob(
        requests(cpu, memory) if cpu else {},
        "CPU and memory of the main container.",
        why="No limits: a CPU limit slows down starts until probes fail; the memory limit depends on your DAGs.",
    )


class OwnPod(PodFields):
    """Fields of the pods of one component or Job; they add to those of `pods`."""

    resources: Resources = component_resources("", "")


class Probe(Section):
    """Timing of one probe. What it checks cannot be changed."""

    period_seconds: Seconds = knob(10, "Time between two probes.")
    timeout_seconds: Seconds = knob(5, "Time after which a probe without an answer fails.")
    failure_threshold: Positive = knob(
        6,
        "Failures in a row that count. Multiply it by the period for the longest fault that is tolerated.",
        unit="probes",
    )


class ServiceFamilies(Section):
    """IP families of a Service."""

    ip_family_policy: Literal["", "SingleStack", "PreferDualStack", "RequireDualStack"] = knob(
        "", "How many IP families the Service has; empty means the cluster's default."
    )
    ip_families: list[Literal["IPv4", "IPv6"]] = knob(
        [], "IP families of the Service, the first one for its main address; empty means the cluster's default."
    )


class ServiceAccount(Section):
    """The ServiceAccount of a component."""

    create: bool = knob(True, "Create the ServiceAccount.")
    name: ObjectName = knob(
        "", "Name of the ServiceAccount; empty means the component's name. Required if `create` is false."
    )
    annotations: Annotations = knob(
        {}, "Annotations of the ServiceAccount, for example for the workload identity of a cloud."
    )


class PodDisruptionBudget(Section):
    """How many pods a node drain may evict at once."""

    enabled: bool = knob(
        True,
        "Create a PodDisruptionBudget if there are at least two replicas.",
        why="With one replica it would block every drain of the node.",
    )
    max_unavailable: Pods = knob(
        1, "Pods that may be unavailable at the same time, as a number or a percentage such as 25%.", unit="pods"
    )
    min_available: OptionalPods = knob(
        "", "Pods that must stay available, as a number or a percentage; it replaces `maxUnavailable`.", unit="pods"
    )


class Workload(OwnPod):
    """A long-running component."""

    replicas: Replicas | None = knob(
        1, "Number of pods; 0 stops the component. `null` leaves the number to an autoscaler of yours."
    )
    service_account: ServiceAccount = knob(ServiceAccount(), "ServiceAccount of the component.")
    pod_disruption_budget: PodDisruptionBudget = knob(
        PodDisruptionBudget(), "PodDisruptionBudget of the component, for drains of nodes."
    )
    termination_grace_period_seconds: SecondsOrNone = knob(
        30, "Time that the pod has to shut down cleanly before it is killed."
    )
    startup_probe: Probe = knob(
        Probe(period_seconds=2, failure_threshold=150),
        "Startup probe: how long a start may take.",
        why="A cold node may need minutes (150 times 2 s); with the short period, a fast start is noticed at once.",
    )
    liveness_probe: Probe = knob(
        Probe(period_seconds=20, timeout_seconds=10, failure_threshold=6),
        "Liveness probe: when a pod that hangs is restarted.",
        why="It waits two minutes, because a restart during a short overload would make the overload worse.",
    )


def heartbeat_liveness() -> Any:
    """Return the liveness probe of components without a port, which starts a process for each probe."""
    return knob(
        Probe(period_seconds=60, timeout_seconds=10, failure_threshold=3),
        "Liveness probe: when a pod that hangs is restarted.",
        why="Each probe runs a script that takes 0.2 CPU-seconds, so it runs only once a minute.",
    )
