"""Part of dag_check.py: import DAG files as the process of a task in a worker pod does.

A worker pod of the kit's image defers imports, and in any image a task's process has no database. What imports for the
dag-processor and not there ends with "Dag not found" when the task runs.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dag_findings import Finding, finding, import_finding, named
from worker_mode import MARK

REPORT = re.compile(r"^KITCTL-REPORT (\{.*\})$", re.MULTILINE)


def check_file(path: Path, folder: Path) -> dict[str, list[Any]]:
    """Import one file and return {"dags", "findings", "pods"}. Runs in a process of its own."""
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415

    bag = DagBag(dag_folder=str(path), collect_dags=False, bundle_path=folder, bundle_name="dags-folder")
    bag.process_file(str(path), only_if_updated=False)
    dags = [{"dag_id": d.dag_id, "file": named(d.fileloc, path, folder), "tasks": 0} for d in bag.dags.values()]
    errors = [import_finding(t, Path(name), named(name, path, folder)) for name, t in bag.import_errors.items()]
    return {"dags": dags, "pods": [], "findings": errors}


def compare(argv: Sequence[str], dags: list[dict[str, Any]], findings: list[Finding]) -> list[Finding]:
    """Check the files once more in a worker pod's mode, and return what is wrong there alone.

    Args:
        argv: Words of the running check.
        dags: What it found.
        findings: What it has to say of them.
    """
    env = {**os.environ, **MARK}
    done = subprocess.run([sys.executable, *argv, "--worker"], env=env, stdout=subprocess.PIPE, text=True, check=False)
    answer = REPORT.search(done.stdout)
    if answer is None:
        sys.exit(f"The check in the mode of a worker pod ended with exit code {done.returncode}")
    return only_there(json.loads(answer[1]), dags, findings)


def only_there(report: dict[str, Any], dags: list[dict[str, Any]], findings: list[Finding]) -> list[Finding]:
    """Return what a report from the mode of a worker pod says of files that are right in the dag-processor."""
    # A lookup at the top level ends otherwise here, since this process has no supervisor to ask.
    wrong = {f["file"] for f in findings if f["severity"] == "error" or f["rule"] == "top-level-lookup"}
    found = []
    for each in report["findings"]:
        if each["file"] not in wrong and each["severity"] == "error" and each["rule"] != "dag-duplicate-id":
            found.append({**each, "message": f"In a worker pod: {each['message']}"})
    wrong |= {each["file"] for each in found}
    there = {(dag["file"], dag["dag_id"]) for dag in report["dags"]}
    for dag in dags:
        if dag["file"] not in wrong and (dag["file"], dag["dag_id"]) not in there:
            message = (
                f"{dag['dag_id']} is not defined when the file is imported in a worker pod, so its tasks will fail"
            )
            fix = "Define the same DAGs everywhere: a file must not ask where it runs"
            found.append(finding("dag-not-in-worker", dag["file"], message, fix=fix))
    return found
