"""Import every DAG file of a folder as the dag-processor would, in this very interpreter, without a database.

    python3 dag_check.py FOLDER [--only FILE] [--jobs N] [--executors A,B] [--timeout SECONDS]
        [--templates A,B] [--pods FOLDER] [--celery JSON] [--worker]

Run by `kitctl dags check` inside the image that will run the DAGs; needs nothing but Airflow. Each file is imported
in a process of its own, as in the dag-processor: a file that hangs, exits or crashes the interpreter spoils no other.
With the KubernetesExecutor each file is then imported once more as a worker pod would (dag_worker.py).
Prints one line, `KITCTL-REPORT {json}`, on stdout: {"airflow_version", "files", "dags": [{"dag_id", "file", "tasks"}],
"findings": [{"rule", "file", "line", "severity", "message", "fix", "detail"}], "pods": [of dag_pods.of_tasks]}.
"""

import argparse
import ast
import contextlib
import importlib
import json
import multiprocessing
import multiprocessing.connection
import os
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import dag_pods
import dag_worker
import worker_mode
from dag_findings import Finding, duplicates, finding, import_finding, named, queue_findings, task_findings
from dag_operators import operator_findings

SLOW_SECONDS = 10.0
"""A file that takes longer to import is reported: it is parsed again and again, and once in each of its task pods."""


class Release(NamedTuple):
    """What is known of the release.

    Attributes:
        names: Names of its worker pod templates; () where they are not known.
        pods: Folder with their texts, `default.yaml` at least; None where no pod is to be made.
        celery: {"selected_by": names by which tasks select the CeleryExecutor, "" if it is the default, "queues": those
            that its workers serve}; None where it has no workers, or nobody knows.
    """

    names: Sequence[str] = ()
    pods: Path | None = None
    celery: dict[str, list[str]] | None = None


def prepare(folder: Path, home: str, executors: str) -> None:
    """Set up Airflow's environment before it is imported: its own empty home, no examples, quiet logs."""
    os.environ.update(
        AIRFLOW_HOME=home,
        AIRFLOW__CORE__DAGS_FOLDER=str(folder),
        AIRFLOW__CORE__EXECUTOR=executors,
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__DAGBAG_IMPORT_ERROR_TRACEBACK_DEPTH="20",
        AIRFLOW__LOGGING__LOGGING_LEVEL="CRITICAL",
        PYTHONDONTWRITEBYTECODE="1",
    )
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))


def executor_findings(executors: str) -> Iterator[Finding]:
    """Import the classes that the list of executors names by path: the scheduler would end when it cannot."""
    for entry in executors.split(","):
        path = entry.rpartition(":")[2].strip()
        if "." in path:
            try:
                module, _, name = path.rpartition(".")
                getattr(importlib.import_module(module), name)
            except Exception as exc:  # noqa: BLE001 - its module may raise anything
                fix = "Add its package to the requirements of the image, or correct the path in `executors`"
                yield finding("executor-not-importable", "executors", f"{path}: {exc!r}", fix=fix)


def check_file(path: Path, folder: Path, release: Release) -> dict[str, list[Any]]:
    """Import one file and return {"dags", "findings", "pods"}. Runs in a process of its own."""
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415 - Airflow reads its environment when imported

    file = path.relative_to(folder).as_posix()
    bag = DagBag(dag_folder=str(path), collect_dags=False, bundle_path=folder, bundle_name="dags-folder")
    began = time.process_time()  # not the clock on the wall: a busy machine makes no file slow
    bag.process_file(str(path), only_if_updated=False)
    seconds = time.process_time() - began
    inside = {name: named(name, path, folder) for name in [*bag.import_errors, *(d.fileloc for d in bag.dags.values())]}
    findings = [import_finding(text, Path(name), inside[name]) for name, text in bag.import_errors.items()]
    dags, made = [], []
    for dag in bag.dags.values():
        file = inside[dag.fileloc]
        dags.append({"dag_id": dag.dag_id, "file": file, "tasks": len(dag.tasks)})
        findings += task_findings(dag, file, release.names)
        findings += operator_findings(dag, file)
        findings += queue_findings(dag, file, **release.celery) if release.celery else ()
        made += dag_pods.of_tasks(dag, file, release.pods) if release.pods else ()
        findings += serialize(dag, file)
    if seconds > SLOW_SECONDS:
        message = f"The import took {seconds:.0f} s of CPU time"
        fix = "Move work and heavy imports from the top level into tasks"
        findings.append(finding("dag-slow-import", file, message, severity="warning", fix=fix))
    for text in (w for texts in bag.captured_warnings.values() for w in texts):
        where = re.match(rf"{re.escape(str(path))}:(\d+): ([\w.]+): (.*)", text, re.DOTALL)
        if where and "Deprecat" in where[2] + where[3]:
            message = " ".join(where[3].split())
            findings.append(finding("deprecated", file, message, line=int(where[1]), severity="warning"))
    return {"dags": dags, "findings": findings, "pods": made}


def serialize(dag: Any, file: str) -> list[Finding]:
    """Serialize a DAG as the dag-processor does before it stores it."""
    from airflow.serialization import serialized_objects  # noqa: PLC0415

    serializer = getattr(serialized_objects, "DagSerialization", None) or serialized_objects.SerializedDAG
    try:
        serializer.to_dict(dag)
    except Exception as error:  # noqa: BLE001 - a custom operator may raise anything
        return [finding("dag-not-serializable", file, f"{dag.dag_id}: {error}")]
    return []


def _child(path: Path, folder: Path, release: Release | None, pipe: Connection) -> None:
    os.dup2(2, 1)  # what DAG files print must not mix with the report
    pipe.send(check_file(path, folder, release) if release else dag_worker.check_file(path, folder))
    pipe.close()


def preload(paths: list[Path]) -> None:
    """Import what the files import from Airflow and Kubernetes once, before the forks, as the dag-processor does."""
    names = {"airflow.sdk", "airflow.serialization.serialized_objects", "airflow.dag_processing.dagbag"}
    for path in paths:
        try:
            tree = ast.parse(path.read_bytes()) if path.suffix == ".py" else ast.Module([], [])
        except (SyntaxError, ValueError):
            continue
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
            elif isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
    for name in sorted(names):
        if name.split(".")[0] in {"airflow", "kubernetes"}:
            # Only a head start: what cannot be imported is told by the file that imports it.
            with contextlib.suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                importlib.import_module(name)


def run_all(
    paths: list[Path], folder: Path, jobs: int, timeout: float, release: Release | None
) -> Iterator[tuple[Path, dict[str, list[Any]] | None, str]]:
    """Yield (path, outcome) for each file; outcome is None with a reason when its process gave no answer.

    `release` is None in a worker pod, which only imports.
    """
    context = multiprocessing.get_context("fork")
    waiting, running = list(paths), {}
    while waiting or running:
        while waiting and len(running) < jobs:
            path = waiting.pop(0)
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_child, args=(path, folder, release, theirs))
            process.start()
            theirs.close()
            running[ours] = (path, process, time.monotonic() + timeout)
        for pipe in multiprocessing.connection.wait(list(running), timeout=0.5):
            path, process, _ = running.pop(pipe)
            try:
                yield path, pipe.recv(), ""
            except EOFError:
                process.join()
                yield path, None, f"The import ended the process (exit code {process.exitcode})"
            process.join()
        for pipe, (path, process, end) in list(running.items()):
            if time.monotonic() > end:
                process.kill()
                process.join()
                del running[pipe]
                yield path, None, f"The import did not end within {timeout:.0f} s"


def main() -> None:
    """Check the folder and print the report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="one file of the folder")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--executors", default="KubernetesExecutor")
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--templates", default="", help="names of the release's pod templates, if they are known")
    parser.add_argument("--pods", type=Path, help="folder with the text of the pod templates that are known")
    parser.add_argument("--celery", type=json.loads, help="JSON of Release.celery, if it is known")
    parser.add_argument("--worker", action="store_true", help="import as a worker pod would")
    args = parser.parse_args()
    folder = args.folder.resolve()
    with tempfile.TemporaryDirectory() as home:
        prepare(folder, home, args.executors)
        if args.worker:
            worker_mode.become()
        import airflow  # noqa: PLC0415 - after its environment is set
        from airflow.dag_processing.importers import get_importer_registry  # noqa: PLC0415

        paths = sorted(Path(p) for p in get_importer_registry().list_dag_files(str(folder), safe_mode=True))
        paths = [p for p in paths if not args.only or p == folder / args.only]
        dags, findings, made = [], [], []
        if not args.worker:
            findings += executor_findings(args.executors)
            preload(paths)
        names = [name for name in args.templates.split(",") if name]
        release = None if args.worker else Release(names, args.pods, args.celery)
        for path, outcome, why in run_all(paths, folder, max(args.jobs, 1), args.timeout, release):
            if outcome is None:
                findings.append(finding("dag-import-crashed", path.relative_to(folder).as_posix(), why))
            else:
                dags += outcome["dags"]
                findings += outcome["findings"]
                made += outcome["pods"]
        if "KubernetesExecutor" in args.executors and not args.worker:
            findings += dag_worker.compare(sys.argv, dags, findings)
    report = {
        "airflow_version": airflow.__version__,
        "files": [p.relative_to(folder).as_posix() for p in paths],
        "dags": sorted(dags, key=lambda d: d["dag_id"]),
        "findings": findings + list(duplicates(dags)),
        "pods": made,
    }
    sys.stdout.write("KITCTL-REPORT " + json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
