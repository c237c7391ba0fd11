"""Values of the worker pods."""

from __future__ import annotations

from kitctl.model.values._base import knob, requests
from kitctl.model.values.kube import Overlays, Resources, TextFiles
from kitctl.model.values.types import NamespaceName, OptionalSize, Positive, SecondsOrNone
from kitctl.model.values.workload import Placement, ServiceAccount


class Workers(Placement):
    """Worker pods of the KubernetesExecutor."""

    namespace: NamespaceName = knob(
        "",
        "Namespace of the worker pods; empty means the release's.",
        why="One of their own has its own quota and rights; two releases must not share one (validated).",
    )
    service_account: ServiceAccount = knob(
        ServiceAccount(), "ServiceAccount of the worker pods; its token is not mounted."
    )
    automount_service_account_token: bool = knob(
        False,
        "Mount the Kubernetes token into worker pods, for tasks that call the cluster (KubernetesPodOperator).",
        why="Off: a worker pod runs anybody's DAG, and needs no rights in the cluster to do so.",
    )
    pod_operator_rights: bool = knob(
        False,
        "Let worker pods launch and watch pods in their namespace, as KubernetesPodOperator needs; implies the token.",
        why="Off, so that a task cannot reach other pods unless somebody chose so.",
    )
    allow_exec: bool = knob(
        False,
        "Add pods/exec to those rights, which XCom of KubernetesPodOperator needs (`do_xcom_push`).",
        why="Off: it is a right to run commands in every pod of the namespace.",
    )
    resources: Resources = knob(
        requests("100m", "256Mi"), "CPU and memory of a worker pod.", why="No CPU limit: imports at start need a burst."
    )
    termination_grace_period_seconds: SecondsOrNone = knob(
        60,
        "Time that a task has to stop when its pod is deleted.",
        why="Room for `on_kill`, which ends remote jobs; then the pod is killed.",
    )
    tmp_size_limit: OptionalSize = knob(
        "4Gi",
        "Most that a task may write to /tmp before its pod is evicted; empty sets no limit.",
        why="Without a limit one task can fill the node's disk and take every pod on it along.",
    )
    creation_batch_size: Positive = knob(
        16,
        "Worker pods that one scheduler loop creates.",
        unit="pods",
        why="Airflow's own default of 1 starts one pod per loop.",
    )
    delete_pods: bool = knob(
        True, "Delete worker pods when they are done.", why="Logs outlive them; kept pods fill the namespace's quota."
    )
    delete_pods_on_failure: bool = knob(
        False,
        "Delete also those whose worker process failed.",
        why="Off: its pod is the only trace of a crash. A task that raises ends its pod as done.",
    )
    profiles: Overlays = knob(
        {},
        "Named variants of the worker pod, e.g. `gpu: {nodeSelector: {gpu: 'true'}}`: PodSpec fields merged over the "
        "template, `containers[0]` over the task container. A task picks one by "
        "`executor_config={'pod_template_file': '/opt/airflow/pod_templates/gpu.yaml'}`. The name `default` is taken.",
        why="A profile keeps what `workers` says, where a whole template of one's own would lose it.",
    )
    templates: TextFiles = knob(
        {},
        "Whole pod templates by name (YAML texts), put beside the profiles in /opt/airflow/pod_templates.",
        why="For pods that no profile can describe; checked first, as a bad one ends the scheduler.",
    )
