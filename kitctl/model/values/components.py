"""Values of the Airflow components."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import OptionalQuantity, PodOverlay, Resources, Section, StringMap, knob, requests
from kitctl.model.values.workload import (
    Placement,
    PodDisruptionBudget,
    Probe,
    ServiceAccount,
    Workload,
    heartbeat_liveness,
)


class Service(Section):
    """The Service of the API server."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = knob("ClusterIP", "Type of the Service.")
    port: int = knob(8080, "Port of the Service.")
    node_port: int | None = knob(
        None, "Port on the nodes (30000-32767) with type NodePort; empty lets Kubernetes choose."
    )
    annotations: StringMap = knob({}, "Annotations of the Service, e.g. of a cloud's load balancer.")


class ApiServer(Workload):
    """UI, REST API, and the Execution API that tasks report to."""

    workers: int = knob(
        1, "Processes that answer requests in one pod.", why="Each holds 300 MB; a second replica also covers restarts."
    )
    base_url: str = knob(
        "",
        "Address in the user's browser, e.g. `https://airflow.example.com/prefix`; its path is where the UI lives.",
        why="Tasks never use it: they report to the Service, so an ingress fault stops no task.",
    )
    service: Service = knob(Service(), "Service of the API server.")
    pod_disruption_budget: PodDisruptionBudget = knob(PodDisruptionBudget(), "Disruption budget of the API server.")
    readiness_probe: Probe = knob(
        Probe(period_seconds=5, timeout_seconds=5, failure_threshold=3), "Readiness probe: when a pod gets no requests."
    )
    resources: Resources = knob(requests("200m", "512Mi"), "CPU and memory of the main container.")


class Scheduler(Workload):
    """The scheduler, which also launches worker pods."""

    replicas: int = knob(
        1, "Number of pods.", why="One is safer with the KubernetesExecutor: two have launched a task twice (#57618)."
    )
    num_runs: int = knob(-1, "Scheduling loops until the scheduler ends and is restarted; -1 means never.")
    resources: Resources = knob(requests("200m", "512Mi"), "CPU and memory of the main container.")


class DagProcessor(Workload):
    """The process that parses DAG files."""

    liveness_probe: Probe = heartbeat_liveness()
    resources: Resources = knob(requests("100m", "384Mi"), "CPU and memory of the main container.")


class Triggerer(Workload):
    """The process that waits for deferred tasks."""

    enabled: bool = knob(True, "Run a triggerer; without one deferrable operators wait for ever.")
    capacity: int = knob(1000, "Triggers that one pod runs at the same time.")
    liveness_probe: Probe = heartbeat_liveness()
    resources: Resources = knob(requests("100m", "384Mi"), "CPU and memory of the main container.")


class Workers(Placement):
    """Worker pods of the KubernetesExecutor."""

    namespace: str = knob("", "Namespace of the worker pods; empty means the release's.")
    service_account: ServiceAccount = knob(
        ServiceAccount(), "ServiceAccount of the worker pods; its token is not mounted."
    )
    automount_service_account_token: bool = knob(
        False, "Mount the Kubernetes token into worker pods, for tasks that call the cluster (KubernetesPodOperator)."
    )
    pod_operator_rights: bool = knob(
        False,
        "Let worker pods launch and watch pods in their namespace, as KubernetesPodOperator needs; implies the token.",
        why="Off, so that a task cannot reach other pods unless somebody chose so.",
    )
    allow_exec: bool = knob(
        False, "Add pods/exec to those rights, which XCom of KubernetesPodOperator needs (`do_xcom_push`)."
    )
    resources: Resources = knob(
        requests("100m", "256Mi"), "CPU and memory of a worker pod.", why="No CPU limit: imports at start need a burst."
    )
    termination_grace_period_seconds: int = knob(
        60, "Time that a task has to stop when its pod is deleted.", unit="seconds"
    )
    tmp_size_limit: OptionalQuantity = knob(
        "4Gi",
        "Most that a task may write to /tmp before its pod is evicted; empty sets no limit.",
        unit="Kubernetes quantity",
        why="Without a limit one task can fill the node's disk and take every pod on it along.",
    )
    creation_batch_size: int = knob(
        16, "Worker pods that one scheduler loop creates.", why="Airflow's own default of 1 starts one pod per loop."
    )
    delete_pods: bool = knob(True, "Delete worker pods when they are done.")
    delete_pods_on_failure: bool = knob(False, "Delete also those whose worker process failed.")
    profiles: dict[str, PodOverlay] = knob(
        {},
        "Named variants of the worker pod, e.g. `gpu: {nodeSelector: {gpu: 'true'}}`: PodSpec fields merged over the "
        "template, `containers[0]` over the task container. A task picks one by "
        "`executor_config={'pod_template_file': '/opt/airflow/pod_templates/gpu.yaml'}`. The name `default` is taken.",
    )
    templates: StringMap = knob(
        {}, "Whole pod templates by name (YAML texts), put beside the profiles in /opt/airflow/pod_templates."
    )


class Migrations(Section):
    """The Job that creates and migrates the database."""

    resources: Resources = knob(requests("100m", "384Mi"), "CPU and memory of the Job.")
    backoff_limit: int = knob(6, "Tries until the Job counts as failed.")
    ttl_seconds_after_finished: int | None = knob(
        None,
        "Time after which Kubernetes removes the finished Job; empty keeps it.",
        unit="seconds",
        why="Kept: Argo CD and Flux would make a removed Job again and again.",
    )


class Admin(Section):
    """The first user of the UI."""

    create: bool = knob(True, "Make the user when it is absent; its password is in the keys Secret.")
    username: str = knob("admin", "Name to log in with.")
    email: str = knob("admin@example.com", "Mail address of the user.")
    first_name: str = knob("Airflow", "First name.")
    last_name: str = knob("Admin", "Last name.")
    role: str = knob("Admin", "Role of the user.")
