"""Values of the worker pods."""

from __future__ import annotations

from kitctl.model.values._base import knob, requests
from kitctl.model.values.celery import Celery
from kitctl.model.values.cleaning import WorkerCleanup
from kitctl.model.values.kube import Overlays, Resources, TextFiles
from kitctl.model.values.types import NamespaceName, OptionalSize, Positive, SecondsOrNone
from kitctl.model.values.workload import OwnPod, ServiceAccount


class Workers(OwnPod):
    """Worker pods of the KubernetesExecutor, and Celery workers."""

    namespace: NamespaceName = knob(
        "",
        "Namespace of the worker pods; empty means the namespace of the release.",
        why="Releases of different names may share it; each sees its own pods. The chart refuses what cannot work.",
    )
    service_account: ServiceAccount = knob(
        ServiceAccount(), "ServiceAccount of the worker pods. By default its token is not mounted."
    )
    pod_operator_rights: bool = knob(
        False,
        "Allow tasks to create and watch pods in the namespace of the worker pods, as KubernetesPodOperator needs, and "
        "the triggerer to watch them (`deferrable=True`). With the LocalExecutor, the scheduler gets the rights, with "
        "the CeleryExecutor its workers. Also mounts the tokens.",
        why="Off by default: anyone who can create pods can mount every Secret of the namespace.",
    )
    restrict_operator_pods: bool = knob(
        True,
        "Give pods that tasks create in that namespace the security context of worker pods, field by field where the "
        "task sets none, and XCom's sidecar the release's image.",
        why='Else Pod Security "restricted", which `kitctl` enforces in namespaces that it creates, refuses them.',
    )
    allow_exec: bool = knob(
        False,
        "Also allow `pods/exec`, which KubernetesPodOperator needs to return XCom values (`do_xcom_push`).",
        why="Off by default, because it allows commands in every pod of the namespace.",
    )
    resources: Resources = knob(
        requests("100m", "256Mi"),
        "CPU and memory of a worker pod.",
        why="The request bounds how many start at once on a node. No limit: a start needs much CPU for a short time.",
    )
    termination_grace_period_seconds: SecondsOrNone = knob(
        60, "Time that a task has to stop when its pod is deleted, for example to end remote jobs in `on_kill`."
    )
    tmp_size_limit: OptionalSize = knob(
        "4Gi",
        "Maximum size of /tmp, ~/.cache and ~/.config together in a worker pod, above which the pod is evicted; empty "
        "means no limit.",
        why="Without a limit, one task could fill the node's disk and stop every pod on it.",
    )
    creation_batch_size: Positive = knob(
        16,
        "Worker pods that one scheduler loop creates.",
        unit="pods",
        why="With Airflow's default of 1, many tasks that start together wait for each other.",
    )
    delete_pods: bool = knob(True, "Delete worker pods when they are done. Task logs are kept.")
    delete_pods_on_failure: bool = knob(
        True,
        "Also delete worker pods that failed, for example because the process crashed, the pod was evicted, or its "
        "image could not be pulled. `kitctl logs` still tells the reason.",
        why="A pod that waits for its image uses quota. If it starts beside its successor, its failure ends the task.",
    )
    profiles: Overlays = knob(
        {},
        "Named variants of the worker pod, for example `gpu: {nodeSelector: {gpu: 'true'}}`. The fields of PodSpec "
        "are merged into the worker pod, `containers[0]` into the task's container. A task selects one with "
        "`executor_config={'pod_template_file': '/opt/airflow/pod_templates/gpu.yaml'}`. The name `default` is "
        "reserved.",
    )
    templates: TextFiles = knob(
        {},
        "Whole pod templates by name, as YAML text, for pods that a profile cannot describe. They are in the same "
        "folder as the profiles. They are checked before the install, because an invalid one ends the scheduler.",
    )
    cleanup: WorkerCleanup = knob(WorkerCleanup(), "CronJob that deletes finished worker pods that are left over.")
    celery: Celery = knob(Celery(), "Celery workers, which exist only with the CeleryExecutor.")
