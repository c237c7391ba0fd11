"""What dag_check.py says about a file: Airflow's words turned into findings, and what tasks ask of their pods."""

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Finding = dict[str, Any]
LOOKUP = re.compile(r"no such table: (variable|connection)|(VARIABLE|CONNECTION)_NOT_FOUND|conn_id .* isn't defined")
"""What a lookup at the top level of a file ends with where no database is."""
TEMPLATES = Path("/opt/airflow/pod_templates")
"""Where the scheduler finds the worker pod templates of the release."""


def finding(
    rule: str, file: str, message: str, *, line: int = 0, severity: str = "error", fix: str = "", detail: str = ""
) -> Finding:
    """Return one finding in the shape that kitctl prints."""
    return {
        "rule": rule,
        "file": file,
        "line": line,
        "severity": severity,
        "message": message,
        "fix": fix,
        "detail": detail,
    }


def named(name: str, path: Path, folder: Path) -> str:
    """Return a file's name inside of the folder, `packed.zip/dag.py` in an archive, of another file: `path`."""
    found = Path(name)
    return (found if found.is_relative_to(path) else path).relative_to(folder).as_posix()


def line_in(text: str, path: Path) -> int:
    """Return the line of `path` that a traceback names last, or 0."""
    found = re.findall(rf'File "{re.escape(str(path))}", line (\d+)', text)
    return int(found[-1]) if found else 0


def import_finding(text: str, path: Path, file: str) -> Finding:
    """Turn Airflow's words about a file that did not load into a finding."""
    last = next((s.strip() for s in reversed(text.strip().splitlines()) if s.strip()), "unknown error")
    line = line_in(text, path)
    if "DagCycleException" in text or "Cycle detected" in text:
        return finding("dag-cycle", file, last, line=line, fix="Remove one of the dependencies that close the circle")
    if "UnknownExecutor" in text or "Unknown executor" in text:
        return finding(
            "executor-unknown", file, last, line=line, fix="Name an executor of the release, or add it to `executors`"
        )
    if "TaskTimeout" in text or "AirflowTaskTimeout" in text:
        return finding("dag-import-timeout", file, last, line=line, fix="Move slow work from the top level into tasks")
    if re.search(
        r"no such table: (variable|connection)|(VARIABLE|CONNECTION)_NOT_FOUND|conn_id .* isn't defined", text
    ):
        return finding(
            "top-level-lookup",
            file,
            "The file reads an Airflow variable or connection while it is imported, so the rest of it was not checked",
            line=line,
            severity="warning",
            fix="Read it inside a task, or as {{ var.value.name }} in a template: else each parse asks the database",
        )
    missing = re.search(r"No module named '([\w.]+)'", last)
    fix = ""
    if missing and not missing[1].startswith("airflow."):
        fix = (
            f"Add the package that holds {missing[1]} to the image: kitctl image build --requirements requirements.txt"
        )
    return finding("dag-import-error", file, last, line=line, fix=fix, detail=text.strip())


def template_findings(named: Any, where: str, file: str, known: Sequence[str]) -> Iterator[Finding]:
    """Judge the pod template that a task names; `known` holds the release's template names, none if not known."""
    path = Path(str(named))
    names = known or ([path.stem] if path.suffix == ".yaml" else ["default"])
    if path not in [TEMPLATES / f"{name}.yaml" for name in names]:
        yield finding(
            "pod-template-unknown",
            file,
            f"{where}: pod_template_file is {str(named)!r}, which the scheduler does not have",
            fix="Name one of " + ", ".join(f"{TEMPLATES}/{name}.yaml" for name in known)
            if known
            else f"Add it to workers.profiles or workers.templates of the values, and name {TEMPLATES}/NAME.yaml",
        )


def task_findings(dag: Any, file: str, templates: Sequence[str] = ()) -> Iterator[Finding]:
    """Judge what tasks ask of their pods, which may come from one of `templates` (names; none if not known)."""
    for task in dag.tasks:
        config = getattr(task, "executor_config", None) or {}
        where = f"Task {task.task_id} of {dag.dag_id}"
        if not isinstance(config, dict):
            yield finding("executor-config-invalid", file, f"{where}: executor_config is no dict")
            continue
        if "KubernetesExecutor" in config:
            yield finding(
                "executor-config-airflow2",
                file,
                f"{where}: executor_config has the key KubernetesExecutor of Airflow 2, and the task will fail",
                fix='executor_config={"pod_override": k8s.V1Pod(spec=k8s.V1PodSpec(containers=[k8s.V1Container('
                'name="base", image=..., resources=...)]))}',
            )
        yield from misspelt_findings(config, where, file)
        if named := config.get("pod_template_file"):
            yield from template_findings(named, where, file, templates)
        override = config.get("pod_override")
        if override is None:
            continue
        if type(override).__name__ != "V1Pod":
            kind = type(override).__name__
            yield finding("executor-config-invalid", file, f"{where}: pod_override is a {kind}, not a V1Pod")
        elif override.spec and override.spec.containers and override.spec.containers[0].name != "base":
            yield finding(
                "pod-override-base",
                file,
                f"{where}: the first container of pod_override is called {override.spec.containers[0].name!r}; "
                "containers merge by position, so it renames the task's own",
                fix='Put V1Container(name="base") first; sidecars are init containers with restart_policy="Always"',
            )


def misspelt_findings(config: dict[str, Any], where: str, file: str) -> Iterator[Finding]:
    """Judge keys that look like the executor's; other keys may be another executor's, so only those."""
    known = ("pod_override", "pod_template_file")
    for key in config:
        if key not in known and (meant := difflib.get_close_matches(str(key), known, 1, 0.85)):
            message = f"{where}: executor_config has the key {key!r}, which nobody reads"
            fix = f"Did you mean {meant[0]}?"
            yield finding("executor-config-ignored", file, message, severity="warning", fix=fix)


def queue_findings(dag: Any, file: str, *, selected_by: Sequence[str], queues: Sequence[str]) -> Iterator[Finding]:
    """Find Celery tasks whose queue no worker serves; other executors ignore queues.

    Args:
        dag: The DAG.
        file: Its file.
        selected_by: Names by which tasks select the CeleryExecutor; "" if it is the default.
        queues: Queues that its workers serve.
    """
    waiting: dict[str, list[str]] = {}
    for task in dag.tasks:
        if (task.executor or "") in selected_by and task.queue not in queues:
            waiting.setdefault(task.queue, []).append(task.task_id)
    for queue, (first, *more) in waiting.items():
        where = f"Task {first} of {dag.dag_id}{f' and {len(more)} more' if more else ''}"
        yield finding(
            "queue-unserved",
            file,
            f"{where}: no Celery worker serves the queue {queue!r}, so it would never run",
            fix=f"Name a queue that workers serve ({', '.join(queues)}), or add a group of workers to the values:\n"
            f"workers: {{celery: {{groups: [{{name: NAME, queues: [{queue}]}}]}}}}",
        )


def duplicates(dags: list[dict[str, Any]]) -> Iterator[Finding]:
    """Find DAG ids that several files define: the one parsed last would win, in turn."""
    first: dict[str, str] = {}
    for dag in sorted(dags, key=lambda d: d["file"]):
        other = first.setdefault(dag["dag_id"], dag["file"])
        if other != dag["file"]:
            message = f"The DAG id {dag['dag_id']!r} is also defined in {other}"
            yield finding("dag-duplicate-id", dag["file"], message, fix="Give one of them another id")
