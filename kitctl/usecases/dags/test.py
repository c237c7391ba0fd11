"""`kitctl dags test`: run a DAG once in the image that runs the DAGs, without a cluster.

1. Choose the image, as `dags check` does. 2. Run the DAG in it, task after task, and show what the tasks say.
3. Report the states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.images import layers, sandbox
from kitctl.images.dag_import import CheckOptions, Progress
from kitctl.usecases.run import TaskState


@dataclass(frozen=True)
class Asked:
    """What to run.

    Attributes:
        dag: DAG.
        dags: The DAG folder.
        conf: What the run gets.
        date: Logical date, or "" for now.
        variables: Variables that may be secrets.
        timeout: Seconds.
    """

    dag: str
    dags: Path
    conf: Mapping[str, Any] = field(default_factory=dict)
    date: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 900.0


@dataclass(frozen=True)
class DagTestReport:
    """How the run ended.

    Attributes:
        ok: Whether the run succeeded.
        dag: DAG.
        image: Image that ran it.
        state: State of the run, as Airflow names it.
        tasks: Its task instances, in the order in which they began.
    """

    ok: bool
    dag: str
    image: str
    state: str
    tasks: list[TaskState]


def test(asked: Asked, options: CheckOptions, write: Callable[[str], object], progress: Progress) -> DagTestReport:
    """Run the DAG.

    Args:
        asked: What to run.
        options: In what.
        write: Takes what the tasks say, line by line.
        progress: Takes a line for each step.

    Raises:
        KitError: `dags-missing`, `dags-empty`, `dag-missing`, `dag-not-imported`, `dag-test-failed`,
            `dag-test-timeout`.
    """
    layers.look(asked.dags)
    inside = sandbox.Inside(options, asked.dags, asked.variables, asked.timeout, write)
    image, report = sandbox.dag_run(inside, asked.dag, asked.conf, asked.date, progress)
    if not report["state"]:
        raise _no_run(asked, report)
    tasks = [TaskState(**task) for task in report["tasks"]]
    return DagTestReport(report["state"] == "success", asked.dag, image, report["state"], tasks)


@dataclass(frozen=True, kw_only=True)
class WouldTest:
    """What a dry run of a test would do."""

    dry_run: bool = True
    would: str


def would(asked: Asked) -> WouldTest:
    """Say what a test would do, after the same look at the folder."""
    layers.look(asked.dags)
    return WouldTest(would=f"run {asked.dag} of {asked.dags} in the image that runs the DAGs")


def _no_run(asked: Asked, report: Mapping[str, Any]) -> KitError:
    known, errors = report["dags"], report["errors"]
    if asked.dag in known:
        return KitError(
            "dag-test-failed",
            f"Airflow did not run {asked.dag}",
            cause="What it said stands above; --conf or --date may be wrong",
            fix=f"kitctl dags test {asked.dag}    # without them",
        )
    if errors:
        return KitError(
            "dag-not-imported",
            f"No DAG {asked.dag} was found, and {len(errors)} files of {asked.dags} do not import",
            cause="\n".join(text.strip() for text in errors.values()),
            fix=f"kitctl dags check {asked.dags}",
        )
    return KitError(
        "dag-missing",
        f"{asked.dags} holds no DAG {asked.dag}",
        cause=f"Its DAGs: {', '.join(known) or 'none'}",
        fix="kitctl dags test DAG PATH",
        code=ExitCode.USAGE,
    )
