"""Runs in an environment with Airflow: gives pods to all of its mutation hooks, as the executor and operators do.

Takes on standard input {"templates": folder, "namespace": file, "worker": [override], "operator": [pod],
"sidecar": bool} and prints {"worker": [message or the pod], "operator": [spec]}.
"""

# ruff: noqa: T201 - what it prints is its answer

import json
import sys
from pathlib import Path
from typing import Any

from airflow import settings
from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator, PodMutationHookException
from airflow.providers.cncf.kubernetes.utils.xcom_sidecar import add_xcom_sidecar
from kubernetes.client import ApiClient


def worker(override: dict[str, Any] | None, template: Path) -> Any:
    """Complete a worker pod as the KubernetesExecutor does; return what was refused in the end."""
    try:
        pod = PodGenerator.construct_pod(
            dag_id="d",
            task_id="t",
            pod_id="p",
            try_number=1,
            kube_image="",
            date=None,
            args=["x"],
            pod_override_object=PodGenerator.deserialize_model_dict(override) if override else None,
            base_worker_pod=PodGenerator.deserialize_model_file(str(template)),
            namespace="default",
            scheduler_job_id="0",
            run_id="r",
            with_mutation_hook=True,
        )
    except PodMutationHookException as error:
        return str(error.__cause__)
    return ApiClient().sanitize_for_serialization(pod)


def operator(pod: dict[str, Any], *, sidecar: bool) -> dict[str, Any]:
    """Give a pod of an operator to the hooks."""
    made = PodGenerator.deserialize_model_dict(pod)
    made = add_xcom_sidecar(made) if sidecar else made
    settings.pod_mutation_hook(made)
    found: dict[str, Any] = ApiClient().sanitize_for_serialization(made)["spec"]
    return found


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    from airflow_kit_policy import guard, operator_pods  # noqa: PLC0415 - only now on the module path

    guard.TEMPLATES = Path(request["templates"])
    operator_pods.NAMESPACE = Path(request["namespace"])
    template = guard.TEMPLATES / "default.yaml"
    answer: dict[str, Any] = {"worker": [worker(each, template) for each in request["worker"]]}
    from airflow.sdk.execution_time import task_runner  # noqa: PLC0415

    task_runner.SUPERVISOR_COMMS = None  # as in the process of a task
    answer["operator"] = [operator(each, sidecar=request["sidecar"]) for each in request["operator"]]
    print(json.dumps(answer))


main()
