"""Probe of the DAG processor and the triggerer: has this pod's job written a heartbeat?

Asks the database itself; `airflow jobs check` would import Airflow, which costs seconds of CPU each time.

Usage:
    heartbeat.py JOB_TYPE [--strict]

Without --strict (liveness) a database that cannot be asked counts as alive: a restart repairs no database,
and restarting every pod during its outage only makes the outage longer.
"""

# ruff: noqa: T201 - what it prints is the log of its pod

import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # -I leaves the script's own folder out

from database import NotYetError, connect

MAX_AGE_SECONDS = 60
"""Airflow's own threshold is 30 s, and a heartbeat comes every 5 s; a liveness probe should be the slower judge."""

_QUERY = (
    "SELECT EXTRACT(EPOCH FROM now() - max(latest_heartbeat)) FROM job"
    " WHERE job_type = %s AND state = 'running' AND hostname = ANY(%s)"
)


def names() -> list[str]:
    """Return the names under which Airflow may have written this pod's job: its name and its address."""
    name = socket.gethostname()
    found = {name, socket.getfqdn()}
    with suppress(OSError):
        found.add(socket.gethostbyname(name))
    return sorted(found)


def age(connection: Any, job_type: str) -> float | None:
    """Return the age of the newest heartbeat in seconds, None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, (job_type, names()))
        value = cursor.fetchone()[0]
    return None if value is None else float(value)


def main(job_type: str, *, strict: bool) -> int:
    """Judge; return the exit code. What is printed shows in the pod's events."""
    try:
        connection = connect()
    except NotYetError as error:
        print(f"the database cannot be asked: {error}")
        return 1 if strict else 0
    try:
        seconds = age(connection, job_type)
    finally:
        connection.close()
    if seconds is None:
        print(f"no running {job_type} of {', '.join(names())} in the database")
        return 1
    if seconds > MAX_AGE_SECONDS:
        print(f"the last heartbeat of {job_type} is {seconds:.0f} s old, allowed are {MAX_AGE_SECONDS} s")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], strict="--strict" in sys.argv[2:]))
