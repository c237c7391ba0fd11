"""Values of autoscaling."""

from __future__ import annotations

from kitctl.model.values._base import Section, knob
from kitctl.model.values.kube import KubeObject, MetricSpec, ScalingBehavior
from kitctl.model.values.types import ObjectName, Positive, Replicas, Seconds, SecondsOrNone, SecretKey


class Hpa(Section):
    """A HorizontalPodAutoscaler, which needs the metrics server of the cluster."""

    min_replicas: Positive = knob(1, "Lowest number of pods.", unit="pods")
    max_replicas: Positive | None = knob(
        None, "Highest number of pods; empty means that there is no HorizontalPodAutoscaler.", unit="pods"
    )
    target_cpu: Positive | None = knob(
        80, "CPU that the pods shall use on average, of what they request; empty means that it does not count.",
        unit="percent",
    )  # fmt: skip
    target_memory: Positive | None = knob(
        None, "Memory that the pods shall use on average, of what they request; empty means that it does not count.",
        unit="percent",
    )  # fmt: skip
    metrics: list[MetricSpec] = knob([], "More metrics (list of MetricSpec of autoscaling/v2).")
    behavior: ScalingBehavior = knob(
        {}, "How fast the number may change (HorizontalPodAutoscalerBehavior); empty means the defaults of Kubernetes."
    )


class KedaSecret(Section):
    """A Secret with the connection of KEDA to the database."""

    name: ObjectName = knob(
        "", "Name of an existing Secret; empty means that KEDA logs in as the release does, with its password."
    )
    key: SecretKey = knob(
        "connection",
        "Key in that Secret, with a URL (`postgresql://user:password@host:5432/airflow`) or `host=… user=…`.",
    )


class Keda(Section):
    """A ScaledObject of KEDA, which counts the tasks in the metadata database."""

    min_replicas: Replicas = knob(
        0, "Lowest number of pods.", why="Without tasks, no pod is needed. A task then waits for the start of a pod."
    )
    max_replicas: Positive | None = knob(
        None, "Highest number of pods; empty means that there is no ScaledObject.", unit="pods"
    )
    polling_interval: Seconds = knob(10, "Time between two counts of the tasks while there are no pods.")
    cooldown_period: SecondsOrNone = knob(
        300, "Time without tasks after which the last pods are stopped, if `minReplicas` is 0."
    )
    query: str = knob(
        "",
        "SQL that returns the wanted number of pods; empty counts the queued and running tasks of the group's queues "
        "that belong to the CeleryExecutor, and divides them by `concurrency`.",
    )
    connection_secret: KedaSecret = knob(
        KedaSecret(),
        "How KEDA connects to the database. Needed if a client certificate, a CA of your own or a proxy in the pod is "
        "part of the connection.",
    )
    fallback: KubeObject = knob(
        {}, "Number of pods while KEDA cannot reach the database, for example `{failureThreshold: 3, replicas: 2}`."
    )
    advanced: KubeObject = knob({}, "`advanced` of the ScaledObject, for example `horizontalPodAutoscalerConfig`.")


class Autoscaling(Section):
    """An autoscaler that sets the number of pods in place of `replicas`: one of the two, or none."""

    hpa: Hpa = knob(Hpa(), "A HorizontalPodAutoscaler.")
    keda: Keda = knob(Keda(), "A ScaledObject of KEDA, which the cluster must have.")


class GroupHpa(Hpa):
    """A HorizontalPodAutoscaler of a group; keys that are absent come from `workers.celery.autoscaling.hpa`."""


class GroupKedaSecret(KedaSecret):
    """The Secret of a group; keys that are absent come from `workers.celery.autoscaling.keda.connectionSecret`."""


class GroupKeda(Keda):
    """A ScaledObject of a group; keys that are absent come from `workers.celery.autoscaling.keda`."""

    connection_secret: KedaSecret = knob(GroupKedaSecret(), "How KEDA connects to the database.")


class GroupAutoscaling(Section):
    """The autoscaler of a group."""

    hpa: GroupHpa | None = knob(None, "A HorizontalPodAutoscaler.")
    keda: GroupKeda | None = knob(None, "A ScaledObject of KEDA, which the cluster must have.")
