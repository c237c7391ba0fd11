"""An Airflow of its own for one command in an image: an empty home, a SQLite database, no examples."""

import json
import os
import subprocess
import sys
from pathlib import Path

QUIET = (
    "airflow=WARNING airflow.task=INFO airflow.sdk.definitions.dag=INFO alembic=WARNING "
    "sqlalchemy=WARNING airflow.sdk.api.client=CRITICAL httpx=WARNING py.warnings=ERROR"
)
"""Levels by logger: what tasks say and which one runs, not what Airflow itself does for it."""


def make(home: Path, dags: str, variables: Path | None) -> None:
    """Set up the environment, and the database.

    Args:
        home: New folder.
        dags: The DAG folder.
        variables: File with a JSON object of variables; these are secrets that no command line may show.

    Raises:
        SystemExit: with what `airflow db migrate` said, where it failed.
    """
    given = json.loads(variables.read_text(encoding="utf-8")) if variables else {}
    ours = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": dags,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [dags, os.environ.get("PYTHONPATH", "")])),
    }
    for name in ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD"):
        os.environ.pop(name, None)
    os.environ.update({"AIRFLOW__LOGGING__NAMESPACE_LEVELS": QUIET} | given | ours)
    home.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "airflow", "db", "migrate"]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"airflow db migrate ended with exit code {done.returncode}:\n{done.stdout[-3000:]}")
