"""Values of the Celery workers."""

from __future__ import annotations

from kitctl.model.values._base import knob, requests
from kitctl.model.values.autoscaling import Autoscaling, GroupAutoscaling
from kitctl.model.values.kube import Resources
from kitctl.model.values.pods import PodFields
from kitctl.model.values.types import GroupName, Positive, QueueName, Replicas, SecondsOrNone
from kitctl.model.values.workload import PodDisruptionBudget, Probe, ServiceAccount, Workload


class CeleryGroup(PodFields):
    """Celery workers for queues of their own. What a group does not say, `workers.celery` says for it."""

    name: GroupName = knob("", "Name of the group, part of the names of its pods.")
    queues: list[QueueName] = knob([], "Queues that the group serves; a task selects one with `queue=`.")
    replicas: Replicas | None = knob(1, "Number of pods; `null` leaves the number to an autoscaler of yours.")
    concurrency: Positive | None = knob(None, "Tasks that one pod runs at the same time.", unit="tasks")
    termination_grace_period_seconds: SecondsOrNone | None = knob(
        None, "Time that running tasks have to end when a pod is stopped."
    )
    resources: Resources = knob({}, "CPU and memory of the main container.")
    service_account: ServiceAccount | None = knob(
        None,
        "ServiceAccount of the group. A group that names none has the one of `workers.celery`.",
    )
    pod_disruption_budget: PodDisruptionBudget | None = knob(
        None, "PodDisruptionBudget of the group, for drains of nodes."
    )
    startup_probe: Probe | None = knob(None, "Startup probe: how long a start may take.")
    liveness_probe: Probe | None = knob(None, "Liveness probe: when a worker that no longer answers is restarted.")
    autoscaling: GroupAutoscaling | None = knob(
        None,
        "Autoscaler of the group. It has one only if the group itself names `maxReplicas`; the other keys come from "
        "`workers.celery.autoscaling`.",
    )


class Celery(Workload):
    """Celery workers: pods that keep running and take tasks from queues of the broker."""

    concurrency: Positive = knob(
        4,
        "Tasks that one pod runs at the same time.",
        unit="tasks",
        why="Each takes 150 MB and more. Raise the memory request together with it.",
    )
    queues: list[QueueName] = knob(
        [],
        "Queues that the pods serve; empty means the default queue (`config: {operators: {default_queue: …}}`).",
    )
    autoscaling: Autoscaling = knob(Autoscaling(), "Autoscaler, which sets the number of pods in place of `replicas`.")
    groups: list[CeleryGroup] = knob(
        [],
        "More groups of workers, for example `{name: big, queues: [big], resources: …}`. Each may have the pod "
        "fields of `workers.celery`, which are merged as a section is merged over `pods`, and probes, a "
        "`podDisruptionBudget` and a `serviceAccount` of its own.",
    )
    resources: Resources = knob(
        requests("200m", "1Gi"),
        "CPU and memory of the main container, in which the tasks run.",
        why="Enough for the worker and the tasks that run at once. No limit: it depends on your tasks.",
    )
    termination_grace_period_seconds: SecondsOrNone = knob(
        3900,
        "Time that running tasks have to end when a pod is stopped: it takes no new ones meanwhile. Tasks that run "
        "longer are killed, and retried if they have retries.",
        why="A task of one hour, and five minutes. An upgrade waits for them: its workers are replaced one by one.",
    )
    startup_probe: Probe = knob(
        Probe(period_seconds=10, timeout_seconds=15, failure_threshold=30),
        "Startup probe: how long a start may take.",
        why="Each probe imports Celery, which takes half a CPU-second.",
    )
    liveness_probe: Probe = knob(
        Probe(period_seconds=120, timeout_seconds=20, failure_threshold=5),
        "Liveness probe: when a worker that no longer answers is restarted. It succeeds while the broker is down.",
        why="A restart ends the tasks of the worker, so it must have been silent for ten minutes.",
    )
