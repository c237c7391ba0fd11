"""Values that every workload has in common."""

from __future__ import annotations

from typing import Any

from kitctl.model.values._base import (
    Affinity,
    Container,
    EnvVar,
    Resources,
    Section,
    StringMap,
    Toleration,
    TopologySpread,
    Volume,
    VolumeMount,
    knob,
    requests,
)


class Placement(Section):
    """Where pods may run, and what they carry."""

    resources: Resources = knob({}, "CPU and memory of the main container.")
    env: list[EnvVar] = knob([], "More environment variables of the main container.")
    node_selector: StringMap = knob({}, "Labels that a node must have.")
    tolerations: list[Toleration] = knob([], "Taints that the pods accept.")
    affinity: Affinity = knob({}, "Affinity of the pods.")
    topology_spread_constraints: list[TopologySpread] = knob(
        [], "How the pods spread over nodes and zones; a constraint without labelSelector gets the component's."
    )
    priority_class_name: str = knob("", "Priority class of the pods.")
    pod_annotations: StringMap = knob({}, "Annotations of the pods.")
    pod_labels: StringMap = knob({}, "More labels of the pods; the kit's own cannot be replaced.")
    extra_volumes: list[Volume] = knob([], "More volumes of the pods.")
    extra_volume_mounts: list[VolumeMount] = knob([], "More mounts of the main container.")
    extra_init_containers: list[Container] = knob([], "More init containers, run after the kit's own.")
    extra_containers: list[Container] = knob(
        [], "More containers beside the main one; give them `restartPolicy: Always` in extraInitContainers of workers."
    )


class Probe(Section):
    """Timing of one probe. What it asks is fixed: a probe never imports Airflow."""

    period_seconds: int = knob(10, "Time between two probes.", unit="seconds")
    timeout_seconds: int = knob(5, "Time that a probe may take.", unit="seconds")
    failure_threshold: int = knob(6, "Failures in a row that count.")


class ServiceAccount(Section):
    """The ServiceAccount of a component."""

    create: bool = knob(True, "Make the ServiceAccount.")
    name: str = knob("", "Its name; empty means the component's own name. Needed when `create` is false.")
    annotations: StringMap = knob({}, "Its annotations, e.g. for workload identity of a cloud.")


class Workload(Placement):
    """A long-running component."""

    replicas: int = knob(1, "Number of pods.")
    service_account: ServiceAccount = knob(ServiceAccount(), "ServiceAccount of the component.")
    termination_grace_period_seconds: int = knob(30, "Time to stop cleanly.", unit="seconds")
    startup_probe: Probe = knob(
        Probe(period_seconds=2, failure_threshold=150),
        "Start-up probe: how long a start may take.",
        why="150 times 2 s: a cold node may need minutes, and the short period lets a fast one be ready at once.",
    )
    liveness_probe: Probe = knob(
        Probe(period_seconds=20, timeout_seconds=10, failure_threshold=6),
        "Liveness probe: when a hung pod is restarted.",
    )


def heartbeat_liveness() -> Any:
    """The liveness probe of components without a port: each one starts a process, so it comes less often."""
    return knob(
        Probe(period_seconds=60, timeout_seconds=10, failure_threshold=3),
        "Liveness probe: when a hung pod is restarted.",
        why="It starts a script (0.2 CPU-seconds): every 20 s it would be a quarter of what an idle release uses.",
    )


class PodDisruptionBudget(Section):
    """How many pods a node drain may take at once."""

    enabled: bool = knob(True, "Make a PodDisruptionBudget once there are two replicas or more.")
    max_unavailable: int = knob(1, "Pods that may be away at the same time.")


__all__ = ["Placement", "PodDisruptionBudget", "Probe", "ServiceAccount", "Workload", "heartbeat_liveness", "requests"]
