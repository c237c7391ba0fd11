"""Import every DAG file of a folder with Airflow's own loader, without a database: `check.py FOLDER yes|no`.

Files that `.airflowignore` names are left out, as the dag-processor leaves them out. Prints one line,
`KITCTL-REPORT {json}` with the DAG ids, or ends the build with `KITCTL-ERROR {json}` holding each file's traceback.
They are imported with the variables of the release, which the build hands over as the secret `env` (JSON), and twice:
as the dag-processor does, and in a process of its own (`check.py FOLDER worker`) as a task does. What imports only in
the first ends there with "Dag not found".
"""

import json
import os
import py_compile
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import worker_mode

SECRET = Path("/run/secrets/env")
MARK = "KITCTL_CHECK_STARTED"
REPORT = re.compile(r"^KITCTL-REPORT (\{.*\})$", re.MULTILINE)


def say(kind: str, body: dict[str, object]) -> None:
    """Print one line that kitctl can read."""
    sys.stdout.write(f"KITCTL-{kind} {json.dumps(body)}\n")


def with_release_env() -> None:
    """Start this script anew with the release's variables: Python reads PYTHONPATH only when it starts."""
    if not SECRET.is_file() or os.environ.pop(MARK, ""):
        return
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **json.loads(SECRET.read_text()), MARK: "1"})  # noqa: S606


def load(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return DAG id → file, and file → traceback of what does not import."""
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415  # reads AIRFLOW_HOME when imported

    sys.path.insert(0, str(folder))
    bag = DagBag(dag_folder=str(folder), bundle_path=folder, bundle_name="dags-folder")
    return {i: d.fileloc for i, d in bag.dags.items()}, {str(name): text for name, text in bag.import_errors.items()}


def only_in_worker(folder: Path, dags: dict[str, str]) -> dict[str, str]:
    """Return file → what goes wrong only where tasks import it, of files that the dag-processor reads well."""
    argv = [sys.executable, __file__, str(folder), "worker"]
    env = {**os.environ, **worker_mode.MARK}
    done = subprocess.run(argv, env=env, stdout=subprocess.PIPE, text=True, check=False)
    answer = REPORT.search(done.stdout)
    if answer is None:
        return {str(folder): f"In a worker pod: the import ended the process (exit code {done.returncode})"}
    there = json.loads(answer[1])
    errors = {name: f"In a worker pod:\n{text}" for name, text in there["errors"].items()}
    for dag_id, file in dags.items():
        if dag_id not in there["dags"]:
            errors.setdefault(file, f"In a worker pod: the file does not define {dag_id}, so its tasks would fail")
    return errors


def compile_dags(folder: Path) -> None:
    """Bake bytecode that checks the source's hash: a later layer that replaces a DAG file must not meet an old pyc."""
    for source in folder.rglob("*.py"):
        if os.access(source.parent, os.W_OK):
            mode = py_compile.PycInvalidationMode.CHECKED_HASH
            py_compile.compile(str(source), invalidation_mode=mode, quiet=2)


def main(folder: Path, wanted: bool) -> int:
    """Check and compile."""
    if wanted:
        with_release_env()
        with tempfile.TemporaryDirectory() as home:
            # A home of its own: the check leaves no airflow.cfg, database or log in the layer.
            os.environ.update(
                AIRFLOW_HOME=home,
                AIRFLOW__CORE__DAGS_FOLDER=str(folder),
                AIRFLOW__CORE__LOAD_EXAMPLES="False",
                AIRFLOW__CORE__DAGBAG_IMPORT_ERROR_TRACEBACK_DEPTH="20",
                AIRFLOW__LOGGING__LOGGING_LEVEL="CRITICAL",
            )
            dags, errors = load(folder)
            errors = errors or only_in_worker(folder, dags)
        if errors:
            say("ERROR", {"id": "dag-import-failed", "files": errors})
            return 1
        if not dags:
            say("ERROR", {"id": "dags-empty"})
            return 1
        say("REPORT", {"dags": sorted(dags)})
    compile_dags(folder)
    return 0


def worker(folder: Path) -> int:
    """Import as a worker pod does, and report all that was found."""
    worker_mode.become()
    dags, errors = load(folder)
    say("REPORT", {"dags": sorted(dags), "errors": errors})
    return 0


if __name__ == "__main__":
    if sys.argv[2] == "worker":
        sys.exit(worker(Path(sys.argv[1])))
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] == "yes"))
