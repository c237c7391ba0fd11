"""Run a DAG, or a project's tests, in the image that runs the DAGs: without a cluster, with an Airflow of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.images import dag_import
from kitctl.images import recipes as image
from kitctl.images.dag_import import REPORT, CheckOptions, Progress, placed, readable
from kitctl.model.versions import data_dir
from kitctl.tools.builders import builder
from kitctl.tools.process import Result

_SCRIPTS, _VARIABLES = "/tmp/kitctl-check", "/tmp/kitctl-variables.json"  # noqa: S108 - mount points in a container
PROJECT = "/opt/airflow"
"""Where a project's folders stand in the image; /opt/airflow/dags is also where a release has its DAGs."""
TIME_IS_UP = 124
_OF_PYTEST = ("conftest.py", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


@dataclass(frozen=True)
class Inside:
    """What a command in the image gets.

    Attributes:
        options: The image, and how the release has the DAGs.
        dags: DAG folder of this machine.
        variables: Variables from the user's file, which may be secrets.
        timeout: Seconds.
        write: Takes what the command prints, line by line.
    """

    options: CheckOptions
    dags: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 900.0
    write: Callable[[str], object] = print


def dag_run(
    inside: Inside, dag_id: str, conf: Mapping[str, Any], date: str, progress: Progress
) -> tuple[str, dict[str, Any]]:
    """Run a DAG once.

    Returns:
        The image, and the report of docker/check/dag_run.py.

    Raises:
        KitError: `dag-test-timeout`, or `dag-test-failed` where the image gave no report.
    """
    reference = dag_import.image_for(inside.options, progress)
    progress(f"test: running {dag_id} in {reference}")
    argv = [dag_id, *(["--conf", json.dumps(dict(conf))] if conf else []), *(["--date", date] if date else [])]
    told = inside.write
    shown = replace(inside, write=lambda line: None if REPORT.match(line) else told(line))
    done = _run(shown, reference, "dag_run.py", argv, {})
    found = REPORT.search(done.stdout)
    if found is None:
        raise KitError(
            "dag-test-failed",
            f"The image {reference} could not run {dag_id}",
            cause=done.stdout.strip()[-2000:] or f"It ended with exit code {done.code}",
            fix="kitctl dags check    # imports the files in the same image",
        )
    return reference, json.loads(found[1])


def tests(
    inside: Inside, project: Path, folders: Sequence[str], requirements: Path, argv: Sequence[str], progress: Progress
) -> tuple[str, int]:
    """Run pytest over a project.

    Args:
        inside: What it gets.
        project: Folder of the project.
        folders: Its folders that tests need, relative to it; the DAG folder is there anyway.
        requirements: What the tests need beside the image, pytest included.
        argv: Arguments of pytest; paths are relative to the project.
        progress: Takes a line for each step.

    Returns:
        The image, and the exit code of pytest.

    Raises:
        KitError: `dag-test-timeout`.
    """
    base = dag_import.image_for(inside.options, progress)
    reference = image.ensure_dags_image(None, requirements, base, False, progress)
    progress(f"pytest: running in {reference}")
    mounts = {f"{PROJECT}/{name}": project / name for name in (*folders, *_OF_PYTEST) if (project / name).exists()}
    return reference, _run(inside, reference, "project_tests.py", ["--", *argv], mounts).code


def _run(inside: Inside, reference: str, script: str, argv: Sequence[str], folders: Mapping[str, Path]) -> Result:
    place = placed(inside.dags, inside.options)
    seen = {place.target: place.root, _SCRIPTS: data_dir("docker/check")} | dict(folders)
    with TemporaryDirectory(prefix="kitctl-test-") as stage:
        mounts = [
            builder.Mount(_copied(source, Path(stage, f"mount-{number}")), target)
            for number, (target, source) in enumerate(seen.items())
        ]
        more = []
        if inside.variables:
            # Readable for the user of the image, inside a folder that only its owner can enter: see TemporaryDirectory.
            file = Path(stage, "variables.json")
            file.write_text(json.dumps(dict(inside.variables)), encoding="utf-8")
            Path(stage).chmod(0o700)
            mounts.append(builder.Mount(file, _VARIABLES))
            more = ["--variables", _VARIABLES]
        words = ["python3", f"{_SCRIPTS}/{script}", place.dags, *more, *argv]
        done = builder.find().run(
            reference, words, mounts=mounts, env=inside.options.env, timeout=inside.timeout, write=inside.write
        )
    if done.code == TIME_IS_UP:
        raise KitError(
            "dag-test-timeout",
            f"It still ran after {inside.timeout:.0f} s",
            cause="A task that waits for something that never comes, or work that takes longer",
            fix="Allow more time: --timeout SECONDS",
            code=ExitCode.TIMEOUT,
        )
    return done


def _copied(source: Path, target: Path) -> Path:
    if source.is_dir():
        return readable(source, target)
    target.write_bytes(source.read_bytes())
    target.chmod(0o644)
    return target
