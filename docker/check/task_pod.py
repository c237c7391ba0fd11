"""Complete a worker pod template for one task as the KubernetesExecutor would, without a database.

    python3 task_pod.py FOLDER FILE TASK TEMPLATES [--dag-id ID] [--namespace NAMESPACE]

Run by `kitctl render pod --dag FILE --task ID` inside the image that will run the DAG; needs nothing but Airflow.
FOLDER holds the DAG files, TEMPLATES the pod templates of the release, by name. Prints one line on stdout,
`KITCTL-REPORT {json}`: {"dag_id", "template", "pod", "plain", "override"} or {"error": {"id", "cause"}}.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from dag_check import prepare
from dag_pods import RefusedError, complete, template_of


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
            config = task.executor_config or {}
            template = template_of(config, args.templates)
            made = complete(dag_id, task.task_id, config, template, args.namespace)
            report: dict[str, Any] = {"dag_id": dag_id, "template": template.stem, **made}
        except RefusedError as refused:
            report = {"error": refused.report}
    out.write("KITCTL-REPORT " + json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
