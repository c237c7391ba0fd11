"""Import every DAG file of a folder with Airflow's own loader, without a database: `check.py FOLDER yes|no`.

Files that `.airflowignore` names are left out, as the dag-processor leaves them out. Prints one line,
`KITCTL-REPORT {json}` with the DAG ids, or ends the build with `KITCTL-ERROR {json}` holding each file's traceback.
They are imported with the variables of the release, which the build hands over as the secret `env` (JSON).
"""

import json
import os
import py_compile
import sys
import tempfile
from pathlib import Path

SECRET = Path("/run/secrets/env")
MARK = "KITCTL_CHECK_STARTED"


def say(kind: str, body: dict[str, object]) -> None:
    """Print one line that kitctl can read."""
    sys.stdout.write(f"KITCTL-{kind} {json.dumps(body)}\n")


def with_release_env() -> None:
    """Start this script anew with the release's variables: Python reads PYTHONPATH only when it starts."""
    if not SECRET.is_file() or os.environ.pop(MARK, ""):
        return
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **json.loads(SECRET.read_text()), MARK: "1"})  # noqa: S606


def load(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the DAG ids of the folder and file → traceback of what does not import."""
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415  # reads AIRFLOW_HOME when imported

    sys.path.insert(0, str(folder))
    bag = DagBag(dag_folder=str(folder), bundle_path=folder, bundle_name="dags-folder")
    return sorted(bag.dags), {str(name): text for name, text in bag.import_errors.items()}


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
            ids, errors = load(folder)
        if errors:
            say("ERROR", {"id": "dag-import-failed", "files": errors})
            return 1
        if not ids:
            say("ERROR", {"id": "dags-empty"})
            return 1
        say("REPORT", {"dags": ids})
    compile_dags(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] == "yes"))
