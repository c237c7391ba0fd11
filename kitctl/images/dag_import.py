"""The import half of `kitctl dags check`: run docker/check/dag_check.py in the image that will run the DAGs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from kitctl.errors import KitError
from kitctl.images import recipes as image
from kitctl.model import executors, queues
from kitctl.model.dags.findings import DagOfFile, Finding
from kitctl.model.image_ref import copy, full
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir
from kitctl.tools.builders import baseimage, builder

Progress = Callable[[str], None]
REPORT = re.compile(r"^KITCTL-REPORT (\{.*\})$", re.MULTILINE)
"""The line by which a script inside a container answers: one JSON object."""
_SCRIPTS, _PODS = "/tmp/kitctl-check", "/tmp/kitctl-pods"  # noqa: S108 - mount points inside a container
_CELERY = "CeleryExecutor"
BUNDLE = "/opt/airflow/bundles/dags"
_START_SECONDS, _FILE_SECONDS = 120.0, 60.0


@dataclass(frozen=True)
class CheckOptions:
    """What to check against.

    Attributes:
        image: Image that will run the DAGs; empty means the kit's own Airflow.
        requirements: Requirements to add to that image first, as `up` would; None for none.
        import_files: Whether to import the files in the image.
        executors: Executors of the release, in order.
        queues: Queues that Celery workers serve; () where there are none, or nobody knows.
        env: Variables that DAG files read while they are imported.
        jobs: Files imported at the same time; 0 means one per core.
        templates: Names of the release's worker pod templates; () where they are not known.
        pods: Texts of the templates by name, which the tasks' pods are made of; empty where none is to be made.
        mode: How DAGs reach the release.
        path: Folder of the DAGs in the release.
        sub_path: Mode git: folder inside the repository that holds the DAGs.
    """

    image: str = ""
    requirements: Path | None = None
    import_files: bool = True
    executors: Sequence[str] = ("KubernetesExecutor",)
    queues: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    jobs: int = 0
    templates: Sequence[str] = ()
    pods: Mapping[str, str] = field(default_factory=dict)
    mode: DagMode = DagMode.IMAGE
    path: str = "/opt/airflow/dags"
    sub_path: str = ""


def against(
    user: UserValues, *, reference: str, requirements: Path | None, import_files: bool, executors: str, jobs: int
) -> CheckOptions:
    """Choose what to check against: flags first, then the user's values, then the kit's defaults.

    Args:
        user: The values given by -f and --set: `image`, `executors` and the plain entries of `env` count.
        reference: Image named by a flag, or "".
        requirements: Requirements file, or None.
        import_files: Whether to import in the image.
        executors: Comma-separated names given by a flag, or "".
        jobs: Files at a time; 0 means one per core.
    """
    parts = {key: str(user.find("image", key) or "") for key in ("repository", "tag", "digest")}
    named = ""
    if parts["repository"] and (parts["tag"] or parts["digest"]):
        mark = f"@{parts['digest']}" if parts["digest"] else f":{parts['tag']}"
        named = parts["repository"] + mark
    listed = executors.split(",") if executors else user.find("executors") or ["KubernetesExecutor"]
    return CheckOptions(
        image=reference or named,
        requirements=requirements,
        import_files=import_files,
        executors=[str(name).strip() for name in listed],
        queues=_queues(user),
        env=queues.variable(user) | user.import_env(),
        jobs=jobs,
        templates=_templates(user),
        mode=user.mode,
        path=str(user.find("dags", "path") or CheckOptions.path),
        sub_path=str(user.find("dags", "git", "subPath") or ""),
    )


def _queues(user: UserValues) -> tuple[str, ...]:
    """Return the queues that Celery workers serve; () where the values are not those of a release with any."""
    listed = user.find("executors") or []
    return tuple(queues.served(user)) if executors.selecting(listed, _CELERY) else ()


def _templates(user: UserValues) -> tuple[str, ...]:
    """Return the names of the worker pod templates; () where the values do not name any."""
    parts = [part for key in ("profiles", "templates") if (part := user.find("workers", key)) is not None]
    names = [str(name) for part in parts if isinstance(part, Mapping) for name in part]
    return tuple(dict.fromkeys(["default", *names])) if parts else ()


@dataclass(frozen=True)
class Imported:
    """What docker/check/dag_check.py saw in an image.

    Attributes:
        image: The image.
        dags: The DAGs of the files.
        findings: What is wrong with them.
        pods: What docker/check/dag_pods.py made of the tasks' pod_override, for `pods.findings`.
    """

    image: str
    dags: list[DagOfFile]
    findings: list[Finding]
    pods: list[Mapping[str, Any]]


def imported(folder: Path, files: Sequence[str], options: CheckOptions, progress: Progress) -> Imported:
    """Import the files in the image.

    Raises:
        KitError: `dags-check-failed` when the image gave no report.
    """
    reference = image_for(options, progress)
    progress(f"check: importing {len(files)} files in {reference}")
    place = placed(folder, options)
    jobs = options.jobs or os.cpu_count() or 1
    argv = ["python3", f"{_SCRIPTS}/dag_check.py", place.dags, "--jobs", str(jobs), "--timeout", f"{_FILE_SECONDS:.0f}"]
    argv += ["--executors", ",".join(options.executors)]
    argv += ["--templates", ",".join(options.templates)] if options.templates else []
    if options.queues:
        celery = sorted(executors.selecting(options.executors, _CELERY))
        argv += ["--celery", json.dumps({"selected_by": celery, "queues": list(options.queues)})]
    argv += ["--pods", _PODS] if options.pods else []
    argv += ["--only", files[0]] if len(files) == 1 else []
    with TemporaryDirectory(prefix="kitctl-check-") as stage:
        folders = {place.target: place.root, _SCRIPTS: data_dir("docker/check")}
        if options.pods:
            folders[_PODS] = written(options.pods, Path(stage, "templates"))
        mounts = [
            builder.Mount(readable(source, Path(stage, f"mount-{number}")), target)
            for number, (target, source) in enumerate(folders.items())
        ]
        # Each file is imported twice: as the dag-processor does, and as a worker pod does.
        limit = 2 * (_START_SECONDS + _FILE_SECONDS * len(files) / jobs)
        answer = builder.find().run(reference, argv, mounts=mounts, env=options.env, timeout=limit)
    found = REPORT.search(answer.stdout)
    if found is None:
        raise KitError(
            "dags-check-failed",
            f"The image {reference} could not check the DAGs",
            cause=(answer.stderr or answer.stdout).strip()[-2000:] or f"It ended with exit code {answer.code}",
            fix="kitctl dags check --no-image    # checks the text of the files only",
        )
    report = json.loads(found[1])
    findings = [Finding.read(data) for data in report["findings"]]
    return Imported(reference, [DagOfFile(**dag) for dag in report["dags"]], findings, report.get("pods", []))


class Place(NamedTuple):
    """Where the files of a check are in the image: as in the release, since imports may name that place.

    Attributes:
        root: Folder of this machine that is mounted.
        target: Where it is mounted.
        dags: The DAG folder, `target` or a folder below it.
    """

    root: Path
    target: str
    dags: str


def placed(folder: Path, options: CheckOptions) -> Place:
    """Choose where a DAG folder is mounted. Mode git brings the whole repository: its root comes along, if known."""
    if options.mode is DagMode.BUNDLE:
        return Place(folder, BUNDLE, BUNDLE)  # each commit has a folder of its own, which no import can name
    if options.mode is not DagMode.GIT:
        return Place(folder, options.path, options.path)
    top, below = f"{options.path.rstrip('/')}/repo", PurePosixPath(options.sub_path.strip("/"))
    dags = str(PurePosixPath(top) / below)
    real, steps = folder.resolve(), below.parts
    if steps and real.parts[-len(steps) :] == steps:
        return Place(real.parents[len(steps) - 1], top, dags)
    return Place(folder, dags, dags)


def written(texts: Mapping[str, str], folder: Path) -> Path:
    """Write pod templates into a new folder, `<name>.yaml` each."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def image_for(options: CheckOptions, progress: Progress) -> str:
    """Return the image that will run the DAGs: the one named, or the kit's own with the requirements on top."""
    if options.requirements is not None:
        return image.ensure_dags_image(None, options.requirements, options.image, False, progress)
    if not options.image:
        return image.ensure_airflow_image(progress)
    tool = builder.find()
    if tool.image_id(full(options.image)) is None:
        baseimage.ensure(tool, options.image)
    return full(options.image)


def readable(source: Path, target: Path) -> Path:
    """Copy a folder so that the image's user may read it: a checkout below a private home is closed to that uid."""
    copy(source, target)
    target.parent.chmod(0o755)
    return target
