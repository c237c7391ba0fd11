"""Completes worker pod templates as the KubernetesExecutor would, without a database. Needs nothing but Airflow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

PLACE = "/opt/airflow/pod_templates"
"""Where the scheduler finds the templates of the release."""


class RefusedError(Exception):
    """What stands in the way: the id of kitctl's error, and the words that only this image knows."""

    def __init__(self, id: str, cause: str) -> None:  # noqa: A002 - the contract's word
        super().__init__(cause)
        self.report = {"id": id, "cause": cause}


def template_of(config: dict[str, Any], templates: Path) -> Path:
    """Return the template that a task's executor_config names, else the default."""
    named = str(config.get("pod_template_file") or f"{PLACE}/default.yaml")
    file = templates / Path(named).name
    if Path(named).parent != Path(PLACE) or not file.is_file():
        known = ", ".join(sorted(f"{PLACE}/{p.name}" for p in templates.glob("*.yaml")))
        raise RefusedError("pod-template-missing", f"The task names {named}; the scheduler's own disk has {known}")
    return file


def complete(dag_id: str, task_id: str, config: Any, template: Path, namespace: str = "default") -> dict[str, Any]:
    """Merge a template, what the executor sets, and a task's executor_config.

    Returns:
        {"pod", "plain", "override"}: the pod, the same without executor_config, and pod_override alone ({} if none).

    Raises:
        RefusedError: `executor-config-invalid`, with the words of Airflow.
    """
    try:
        from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator  # noqa: PLC0415
        from kubernetes.client import ApiClient  # noqa: PLC0415

        to_dict = ApiClient().sanitize_for_serialization
        override = PodGenerator.from_obj(config or None)
        pod = _merged(dag_id, task_id, override, template, namespace)
        plain = _merged(dag_id, task_id, None, template, namespace)
        return {"pod": to_dict(pod), "plain": to_dict(plain), "override": to_dict(override) or {}}
    except Exception as error:  # whatever the executor would answer with
        raise RefusedError("executor-config-invalid", f"{type(error).__name__}: {error}") from error


def _merged(dag_id: str, task_id: str, override: Any, template: Path, namespace: str) -> Any:
    from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import create_unique_id  # noqa: PLC0415
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator  # noqa: PLC0415

    return PodGenerator.construct_pod(
        dag_id=dag_id,
        task_id=task_id,
        pod_id=create_unique_id(dag_id, task_id),
        try_number=1,
        kube_image="",
        date=None,
        args=["python", "-m", "airflow.sdk.execution_time.execute_workload", "--json-string", "…"],
        pod_override_object=override,
        base_worker_pod=PodGenerator.deserialize_model_file(str(template)),
        namespace=namespace,
        scheduler_job_id="0",
        run_id="RUN",
    )


def of_tasks(dag: Any, file: str, templates: Path) -> Iterator[dict[str, Any]]:
    """Complete the pods of a DAG's tasks that have a pod_override; equal ones once.

    Yields:
        {"file", "dag_id", "tasks", "pod", "plain", "override"}, or {"file", "dag_id", "tasks", "refused"} with the
        words of Airflow.
    """
    groups: dict[str, tuple[dict[str, Any], Path, list[str]]] = {}
    for task in dag.tasks:
        config = getattr(task, "executor_config", None)
        if not isinstance(config, dict) or type(config.get("pod_override")).__name__ != "V1Pod":
            continue
        # A template that is not here is judged by its name elsewhere.
        template = templates / Path(str(config.get("pod_template_file") or "default.yaml")).name
        template = template if template.is_file() else templates / "default.yaml"
        # Its repr is all that it says; completing it takes a hundred times as long.
        groups.setdefault(f"{template.name} {config['pod_override']!r}", (config, template, []))[2].append(task.task_id)
    for config, template, tasks in groups.values():
        what = {"file": file, "dag_id": dag.dag_id, "tasks": tasks}
        try:
            yield {**what, **complete(dag.dag_id, tasks[0], config, template)}
        except RefusedError as refused:
            yield {**what, "refused": refused.report["cause"]}
