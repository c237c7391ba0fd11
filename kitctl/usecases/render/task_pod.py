"""`kitctl render pod --dag FILE --task ID`: the pod that a task will get, without a cluster and without a database.

`airflow kubernetes generate-dag-yaml` does the same with both. docker/check/task_pod.py runs in the image that will run
the DAG, on the templates that Helm renders for these values.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.images import dag_import
from kitctl.images.dag_import import Progress
from kitctl.model.settings import Settings
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir
from kitctl.release import values
from kitctl.render.findings import refuse
from kitctl.render.pod_override import override_findings
from kitctl.tools.builders import builder
from kitctl.usecases.render import show

_INSIDE = "/tmp/kitctl"  # noqa: S108 - mount point inside a container
_SECONDS = 180.0


def task_pod(
    settings: Settings,
    file: Path,
    task: str,
    *,
    dag_id: str = "",
    image: str = "",
    mode: DagMode | None = None,
    template_dir: Path | None = None,
    progress: Progress = lambda _line: None,
) -> str:
    """Return a task's pod as YAML: template, the executor's own part, and the task's pod_override.

    Args:
        settings: Release and values.
        file: DAG file; other files of its folder can be imported by it.
        task: Id of the task.
        dag_id: Id of the DAG, needed where several of the file have that task.
        image: Image that will run the DAG; "" means as the values say, else the kit's own.
        mode: DAG mode of a flag.
        template_dir: The user's Jinja templates.
        progress: Told what is being done.

    Raises:
        KitError: `dags-missing`, what docker/check/task_pod.py refuses, `dags-check-failed`,
            `pod-template-invalid`, and `pod-override-invalid` for what only the task's pod_override breaks.
    """
    if not file.is_file():
        cause = f"Relative paths start at {Path.cwd()}"
        fix = "--dag dags/FILE.py"
        raise KitError("dags-missing", f"The DAG file {file} does not exist", cause=cause, fix=fix, code=ExitCode.USAGE)
    user = values.read(settings, mode)
    pods = show.pods(settings, mode, template_dir)
    namespace = str(show.values(settings)["workers"]["namespace"] or settings.namespace)
    options = dag_import.against(user, reference=image, requirements=None, import_files=True, executors="", jobs=1)
    reference = dag_import.image_for(options, progress)
    progress(f"pod of {task}: reading {file.name} in {reference}")
    with TemporaryDirectory(prefix="kitctl-pod-") as stage:
        answer = _run(Path(stage), reference, file, pods, [task, dag_id, namespace], options)
    if error := answer.get("error"):
        raise _refusal(error["id"], file, task, error["cause"])
    refuse(
        override_findings(answer),
        error_id="pod-override-invalid",
        what=f"The pod_override of the task {task}",
        fix=f"Correct the executor_config of {task} in {file}",
    )
    return yaml.safe_dump(answer["pod"], sort_keys=False, allow_unicode=True)


def _refusal(id_: str, file: Path, task: str, cause: str) -> KitError:
    """Say what docker/check/task_pod.py found in the way."""
    code = ExitCode.PREFLIGHT
    if id_ == "dag-import-error":
        fix = f"kitctl dags check {file}"
        return KitError("dag-import-error", f"{file.name} does not import", cause=cause, fix=fix, code=code)
    if id_ == "task-ambiguous":
        message = f"Several DAGs of {file.name} have a task {task}"
        return KitError("task-ambiguous", message, cause=cause, fix="Add --dag-id ID", code=code)
    if id_ == "pod-template-missing":
        return KitError(
            "pod-template-missing",
            f"The pod template of the task {task} does not exist",
            cause=cause,
            fix="workers: {profiles: {NAME: {nodeSelector: {…}}}} in the values, then "
            "/opt/airflow/pod_templates/NAME.yaml in the task",
            code=code,
        )
    if id_ == "executor-config-invalid":
        message = f"Airflow refuses the executor_config of the task {task}"
        fix = 'executor_config={"pod_override": k8s.V1Pod(spec=k8s.V1PodSpec(containers=[…]))}'
        return KitError("executor-config-invalid", message, cause=cause, fix=fix, code=code)
    fix = "--task NAME    # one of the tasks above"
    return KitError("task-missing", f"There is no task {task} in {file.name}", cause=cause, fix=fix, code=code)


def _run(
    stage: Path, reference: str, file: Path, pods: dict[str, str], words: list[str], options: dag_import.CheckOptions
) -> dict[str, Any]:
    """Run the script in the image and return its report."""
    task, dag_id, namespace = words
    place = dag_import.placed(file.parent, options)
    folders = {
        place.target: place.root,
        f"{_INSIDE}/check": data_dir("docker/check"),
        f"{_INSIDE}/templates": dag_import.written(pods, stage / "templates"),
    }
    mounts = [
        builder.Mount(dag_import.readable(source, stage / f"mount-{number}"), target)
        for number, (target, source) in enumerate(folders.items())
    ]
    argv = ["python3", f"{_INSIDE}/check/task_pod.py", place.dags, file.name, task, f"{_INSIDE}/templates"]
    argv += ["--dag-id", dag_id, "--namespace", namespace]
    done = builder.find().run(reference, argv, mounts=mounts, env=options.env, timeout=_SECONDS)
    found = dag_import.REPORT.search(done.stdout)
    if found is None:
        raise KitError(
            "dags-check-failed",
            f"The image {reference} could not read {file.name}",
            cause=(done.stderr or done.stdout).strip()[-2000:] or f"It ended with exit code {done.code}",
            fix=f"kitctl dags check {file}",
        )
    report: dict[str, Any] = json.loads(found[1])
    return report
