"""Run a DAG once in this image, without a cluster: every task in this process, one after the other.

    python3 dag_run.py FOLDER DAG [--conf JSON] [--date DATE] [--variables FILE]

Prints what the tasks say as they run, then one line `KITCTL-REPORT {json}`: {"state", "tasks": [{"task", "map_index",
"state", "try_number"}], "dags": [id], "errors": {file: text}}. `state` is "" where there was no run; then `dags` and
`errors` tell what the folder holds.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import sandbox


def run(folder: str, file: str, dag_id: str, conf: str, date: str) -> None:
    """Run the DAG; whether it went well stands in the database."""
    argv = [sys.executable, "-m", "airflow", "dags", "test", dag_id, *([date] if date else [])]
    # A file alone is imported sooner than the whole folder; one inside an archive cannot be named.
    argv += ["--dagfile-path", file] if Path(file).is_file() else []
    argv += ["--conf", conf] if conf else []
    sys.stdout.flush()
    subprocess.run(argv, cwd=folder, stderr=subprocess.STDOUT, check=False)


def outcome(database: Path, dag_id: str) -> dict[str, Any]:
    """Return the state of the only run in the database, and of its tasks."""
    with sqlite3.connect(database) as connection:
        states = connection.execute("SELECT state FROM dag_run WHERE dag_id = ?", (dag_id,)).fetchall()
        rows = connection.execute(
            "SELECT task_id, map_index, state, try_number FROM task_instance WHERE dag_id = ? "
            "ORDER BY start_date IS NULL, start_date, task_id, map_index",
            (dag_id,),
        ).fetchall()
    tasks = [dict(zip(("task", "map_index", "state", "try_number"), row, strict=True)) for row in rows]
    return {"state": states[0][0] if states else "", "tasks": tasks}


def found(folder: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the DAGs of the folder with their files, and what does not import."""
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415 - Airflow reads its environment when imported

    bag = DagBag(dag_folder=folder, bundle_path=Path(folder), bundle_name="dags-folder")
    files = {name: dag.fileloc for name, dag in sorted(bag.dags.items())}
    return files, {str(file): text for file, text in bag.import_errors.items()}


def main() -> int:
    """Run the DAG, and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("dag")
    parser.add_argument("--conf", default="")
    parser.add_argument("--date", default="")
    parser.add_argument("--variables", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="airflow-") as home:
        sandbox.make(Path(home), given.folder, given.variables)
        dags, errors = found(given.folder)
        if file := dags.get(given.dag):
            run(given.folder, file, given.dag, given.conf, given.date)
        report = outcome(Path(home, "airflow.db"), given.dag) | {"dags": list(dags), "errors": errors}
    print("KITCTL-REPORT " + json.dumps(report), flush=True)  # noqa: T201 - the answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
