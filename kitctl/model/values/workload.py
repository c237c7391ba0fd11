"""Values that every workload has in common."""

from __future__ import annotations

from typing import Any

from kitctl.model.values._base import Section, knob
from kitctl.model.values.kube import (
    Affinity,
    Annotations,
    Container,
    EnvVar,
    Labels,
    Resources,
    Toleration,
    TopologySpread,
    Volume,
    VolumeMount,
)
from kitctl.model.values.types import Count, ObjectName, Positive, Replicas, Seconds, SecondsOrNone

REQUESTS_WHY = "Requests only: a CPU limit slows starts until probes fail, and the memory limit depends on your DAGs."


class Placement(Section):
    """Where pods may run, and what they carry."""

    resources: Resources = knob({}, "CPU and memory of the main container.", why=REQUESTS_WHY)
    env: list[EnvVar] = knob(
        [],
        "More environment variables of the main container.",
        why="For what one component alone must know; it wins over the release's `env`.",
    )
    node_selector: Labels = knob(
        {}, "Labels that a node must have.", why="Empty: any node. Keeps pods on one architecture or pool of nodes."
    )
    tolerations: list[Toleration] = knob(
        [], "Taints that the pods accept.", why="Lets pods onto nodes reserved by a taint; without one they stay off."
    )
    affinity: Affinity = knob(
        {}, "Affinity of the pods.", why="For rules that a node selector cannot say, such as `prefer`."
    )
    topology_spread_constraints: list[TopologySpread] = knob(
        [],
        "How the pods spread over nodes and zones; a constraint without labelSelector gets the component's.",
        why="Several replicas on one node go down with it.",
    )
    priority_class_name: ObjectName = knob(
        "", "Priority class of the pods.", why="On a full cluster, Kubernetes evicts what has the lower priority."
    )
    pod_annotations: Annotations = knob(
        {}, "Annotations of the pods.", why="Service meshes, log collectors and scrapers are told by them."
    )
    pod_labels: Labels = knob(
        {},
        "More labels of the pods; the kit's own cannot be replaced.",
        why="For your policies and cost reports; selectors of the release rest on the kit's own.",
    )
    extra_volumes: list[Volume] = knob(
        [], "More volumes of the pods.", why="Certificates, drivers or data that the image does not hold."
    )
    extra_volume_mounts: list[VolumeMount] = knob(
        [],
        "More mounts of the main container.",
        why="The root file system is read-only: what must be written needs a mount.",
    )
    extra_init_containers: list[Container] = knob(
        [],
        "More init containers, run after the kit's own.",
        why="They find the database reachable and the DAGs in place.",
    )
    extra_containers: list[Container] = knob(
        [],
        "More containers beside the main one; give them `restartPolicy: Always` in extraInitContainers of workers.",
        why="For proxies and log shippers; one that never ends would keep a worker pod from finishing.",
    )


class Probe(Section):
    """Timing of one probe. What it asks is fixed: a probe never imports Airflow."""

    period_seconds: Seconds = knob(
        10, "Time between two probes.", why="The shorter, the sooner a fault is seen, and the more CPU the probes take."
    )
    timeout_seconds: Seconds = knob(
        5, "Time that a probe may take.", why="A busy node answers late; a shorter one would restart healthy pods."
    )
    failure_threshold: Positive = knob(
        6, "Failures in a row that count.", unit="probes", why="Times the period it is how long a fault may last."
    )


class ServiceAccount(Section):
    """The ServiceAccount of a component."""

    create: bool = knob(
        True, "Make the ServiceAccount.", why="One for each component, so that no pod has the rights of another."
    )
    name: ObjectName = knob(
        "",
        "Its name; empty means the component's own name. Needed when `create` is false.",
        why="For accounts that a platform team makes, or that a cloud's roles name.",
    )
    annotations: Annotations = knob(
        {},
        "Its annotations, e.g. for workload identity of a cloud.",
        why="With workload identity no cloud key stands in a Secret.",
    )


class Workload(Placement):
    """A long-running component."""

    replicas: Replicas = knob(
        1, "Number of pods.", why="A pod that dies is back within a minute; 0 stops the component."
    )
    service_account: ServiceAccount = knob(ServiceAccount(), "ServiceAccount of the component.")
    termination_grace_period_seconds: SecondsOrNone = knob(
        30, "Time to stop cleanly.", why="Kubernetes' own: open requests end within seconds, then the pod is killed."
    )
    startup_probe: Probe = knob(
        Probe(period_seconds=2, failure_threshold=150),
        "Start-up probe: how long a start may take.",
        why="150 times 2 s: a cold node may need minutes, and the short period lets a fast one be ready at once.",
    )
    liveness_probe: Probe = knob(
        Probe(period_seconds=20, timeout_seconds=10, failure_threshold=6),
        "Liveness probe: when a hung pod is restarted.",
        why="Two minutes without an answer: a restart during a short overload would only add to it.",
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

    enabled: bool = knob(
        True,
        "Make a PodDisruptionBudget once there are two replicas or more.",
        why="With one replica it would block every drain of its node.",
    )
    max_unavailable: Count = knob(
        1, "Pods that may be away at the same time.", unit="pods", why="Tasks report to those that stay."
    )
