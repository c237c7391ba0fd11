"""Complete a worker pod template for one task as the KubernetesExecutor would, without a database.

    python3 task_pod.py FOLDER FILE TASK TEMPLATES [--dag-id ID] [--namespace NAMESPACE]

Run by `kitctl render pod --dag FILE --task ID` inside the image that will run the DAG; needs nothing but Airflow.
FOLDER holds the DAG files, TEMPLATES the pod templates of the release, by name. Prints one line on stdout,
`KITCTL-REPORT {json}`: {"dag_id", "template", "pod"} or {"error": {"id", "cause"}}.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from dag_check import prepare

PLACE = "/opt/airflow/pod_templates"
"""Where the scheduler finds the templates of the release."""


class RefusedError(Exception):
    """What stands in the way: the id of kitctl's error, and the words that only this image knows."""

    def __init__(self, id: str, cause: str) -> None:  # noqa: A002 - the contract's word
        super().__init__(cause)
        self.report = {"id": id, "cause": cause}


def find_task(folder: Path, file: Path, task_id: str, dag_id: str) -> tuple[str, Any]:
    """Import the file and return the DAG's id and the task."""
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415 - Airflow reads its environment when imported

    bag = DagBag(dag_folder=str(file), collect_dags=False, bundle_path=folder, bundle_name="dags-folder")
    bag.process_file(str(file), only_if_updated=False)
    if bag.import_errors:
        raise RefusedError("dag-import-error", "\n".join(str(t).strip() for t in bag.import_errors.values())[-2000:])
    having = {d.dag_id: d for d in bag.dags.values() if task_id in d.task_ids and dag_id in ("", d.dag_id)}
    if len(having) != 1:
        tasks = "\n".join(f"{d.dag_id}: {', '.join(sorted(d.task_ids))}" for d in bag.dags.values())
        raise RefusedError("task-ambiguous" if having else "task-missing", tasks or "The file defines no DAG")
    ((found, dag),) = having.items()
    return found, dag.get_task(task_id)


def template_of(config: dict[str, Any], templates: Path) -> Path:
    """Return the template that a task's executor_config names, else the default."""
    named = str(config.get("pod_template_file") or f"{PLACE}/default.yaml")
    file = templates / Path(named).name
    if Path(named).parent != Path(PLACE) or not file.is_file():
        known = ", ".join(sorted(f"{PLACE}/{p.name}" for p in templates.glob("*.yaml")))
        raise RefusedError("pod-template-missing", f"The task names {named}; the scheduler's own disk has {known}")
    return file


def complete(dag_id: str, task: Any, template: Path, namespace: str) -> dict[str, Any]:
    """Merge template, what the executor sets, and the task's pod_override."""
    from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import create_unique_id  # noqa: PLC0415
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator  # noqa: PLC0415
    from kubernetes.client import ApiClient  # noqa: PLC0415

    try:
        override = PodGenerator.from_obj(task.executor_config or None)
    except Exception as error:  # whatever the executor would answer with
        raise RefusedError("executor-config-invalid", f"{type(error).__name__}: {error}") from error
    pod = PodGenerator.construct_pod(
        dag_id=dag_id,
        task_id=task.task_id,
        pod_id=create_unique_id(dag_id, task.task_id),
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
    return dict(ApiClient().sanitize_for_serialization(pod))


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("file")
    parser.add_argument("task")
    parser.add_argument("templates", type=Path)
    parser.add_argument("--dag-id", default="")
    parser.add_argument("--namespace", default="default")
    args = parser.parse_args()
    folder = args.folder.resolve()
    # What the file prints must not mix with the report.
    out, sys.stdout = sys.stdout, sys.stderr
    with tempfile.TemporaryDirectory() as home:
        prepare(folder, home, "KubernetesExecutor")
        try:
            dag_id, task = find_task(folder, folder / args.file, args.task, args.dag_id)
            template = template_of(task.executor_config or {}, args.templates)
            pod = complete(dag_id, task, template, args.namespace)
            report: dict[str, Any] = {"dag_id": dag_id, "template": template.stem, "pod": pod}
        except RefusedError as refused:
            report = {"error": refused.report}
    out.write("KITCTL-REPORT " + json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
