"""Values of the Airflow components."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob, requests
from kitctl.model.values.kube import Annotations, Resources
from kitctl.model.values.types import (
    Count,
    CountOrEndless,
    Mail,
    NodePort,
    Person,
    Port,
    Positive,
    Replicas,
    Seconds,
    Unspaced,
)
from kitctl.model.values.workload import (
    REQUESTS_WHY,
    PodDisruptionBudget,
    Probe,
    Workload,
    heartbeat_liveness,
)


class Service(Section):
    """The Service of the API server."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = knob(
        "ClusterIP", "Type of the Service.", why="The UI is reachable from inside the cluster only, until you choose."
    )
    port: Port = knob(8080, "Port of the Service.", why="Airflow's own; tasks report to it too, whatever you set.")
    node_port: NodePort | None = knob(
        None,
        "Port on the nodes (30000-32767) with type NodePort; empty lets Kubernetes choose.",
        why="A fixed one gives the UI an address that stays; two Services of a cluster cannot share one.",
    )
    annotations: Annotations = knob(
        {},
        "Annotations of the Service, e.g. of a cloud's load balancer.",
        why="Clouds read from them whether a load balancer is internal, and its certificate.",
    )


class ApiServer(Workload):
    """UI, REST API, and the Execution API that tasks report to."""

    workers: Positive = knob(
        1,
        "Processes that answer requests in one pod.",
        unit="processes",
        why="Each holds 300 MB; a second replica also covers restarts.",
    )
    base_url: Unspaced = knob(
        "",
        "Address in the user's browser, e.g. `https://airflow.example.com/prefix`; its path is where the UI lives.",
        why="Tasks never use it: they report to the Service, so an ingress fault stops no task.",
    )
    service: Service = knob(Service(), "Service of the API server.")
    pod_disruption_budget: PodDisruptionBudget = knob(PodDisruptionBudget(), "Disruption budget of the API server.")
    readiness_probe: Probe = knob(
        Probe(period_seconds=5, timeout_seconds=5, failure_threshold=3),
        "Readiness probe: when a pod gets no requests.",
        why="15 s without an answer: tasks then report to another replica, and this one is not restarted for it.",
    )
    resources: Resources = knob(requests("200m", "512Mi"), "CPU and memory of the main container.", why=REQUESTS_WHY)


class Scheduler(Workload):
    """The scheduler, which also launches worker pods."""

    replicas: Replicas = knob(
        1, "Number of pods.", why="One is safer with the KubernetesExecutor: two have launched a task twice (#57618)."
    )
    num_runs: CountOrEndless = knob(
        -1,
        "Scheduling loops until the scheduler ends and is restarted; -1 means never.",
        unit="loops",
        why="A restart stops scheduling for half a minute; it once was the cure for leaking schedulers.",
    )
    resources: Resources = knob(requests("200m", "512Mi"), "CPU and memory of the main container.", why=REQUESTS_WHY)


class DagProcessor(Workload):
    """The process that parses DAG files."""

    liveness_probe: Probe = heartbeat_liveness()
    resources: Resources = knob(requests("100m", "384Mi"), "CPU and memory of the main container.", why=REQUESTS_WHY)


class Triggerer(Workload):
    """The process that waits for deferred tasks."""

    enabled: bool = knob(
        True,
        "Run a triggerer; without one deferrable operators wait for ever.",
        why="Many providers' operators defer by default; without such DAGs its memory can be saved.",
    )
    capacity: Positive = knob(
        1000,
        "Triggers that one pod runs at the same time.",
        unit="triggers",
        why="Airflow's own; what is above it waits until a trigger ends, or for another replica.",
    )
    liveness_probe: Probe = heartbeat_liveness()
    resources: Resources = knob(requests("100m", "384Mi"), "CPU and memory of the main container.", why=REQUESTS_WHY)


class Migrations(Section):
    """The Job that creates and migrates the database."""

    resources: Resources = knob(requests("100m", "384Mi"), "CPU and memory of the Job.", why=REQUESTS_WHY)
    backoff_limit: Count = knob(
        6,
        "Tries until the Job counts as failed.",
        unit="tries",
        why="Kubernetes' own: with its growing pauses, a database has some ten minutes to come up.",
    )
    ttl_seconds_after_finished: Seconds | None = knob(
        None,
        "Time after which Kubernetes removes the finished Job; empty keeps it.",
        why="Kept: Argo CD and Flux would make a removed Job again and again.",
    )


class Admin(Section):
    """The first user of the UI."""

    create: bool = knob(
        True,
        "Make the user when it is absent; its password is in the keys Secret.",
        why="Somebody must be able to log in; the password is random, so no release has a known one.",
    )
    username: Person = knob(
        "admin", "Name to log in with.", why="The habit of Airflow; a user of this name is left alone."
    )
    email: Mail = knob(
        "admin@example.com", "Mail address of the user.", why="Airflow takes no user without; no two share one."
    )
    first_name: Person = knob("Airflow", "First name.", why="Airflow takes no user without; shown in the UI.")
    last_name: Person = knob("Admin", "Last name.", why="Airflow takes no user without; shown in the UI.")
    role: Person = knob("Admin", "Role of the user.", why="The first user must be able to make the others.")
