"""Delete old rows by `airflow db clean`, while no migration runs.

Runs in the CronJob clean-db. Airflow moves rows to tables named _airflow_deleted__… before it deletes them; what
becomes of these tables is decided here.
"""

# ruff: noqa: T201 - what it prints is the log of its pod

import argparse
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from database import NotYetError, connect
from migrate import wait_for_turn

ARCHIVES = "_airflow_deleted__"
NOT_CLEANED = "were not cleaned due to errors"
"""Airflow's words for tables that it gave up. It ends with 0 then; not every 3.x has the option that changes this."""


def archives(connection: Any) -> set[str]:
    """Return the tables of deleted rows in the schema that Airflow uses."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND starts_with(tablename, %s)",
            (ARCHIVES,),
        )
        return {name for (name,) in cursor.fetchall()}


def drop(connection: Any, tables: set[str]) -> None:
    """Drop tables of deleted rows."""
    for table in sorted(tables):
        with connection.cursor() as cursor:
            quoted = table.replace('"', '""')
            cursor.execute(f'DROP TABLE IF EXISTS "{quoted}"')
    if tables:
        print(f"dropped {len(tables)} tables of deleted rows", flush=True)


def command(before: datetime, tables: str, batch_size: int | None, *, archive: bool) -> list[str]:
    """Return Airflow's command line.

    Args:
        before: Rows that are older go.
        tables: Names with commas.
        batch_size: Rows in one transaction; None for all.
        archive: Whether deleted rows stay in tables of their own.
    """
    words = ["airflow", "db", "clean", "--yes", "--clean-before-timestamp", before.isoformat(timespec="seconds")]
    words += ["--tables", tables]
    words += [] if archive else ["--skip-archive"]
    return words + (["--batch-size", str(batch_size)] if batch_size else [])


def run(words: list[str]) -> int:
    """Run it, show what it prints, and return its exit code; 1 if it gave up a table."""
    complete = True
    out = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    with subprocess.Popen(words, **out) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            complete = complete and NOT_CLEANED not in line
    return process.returncode or (0 if complete else 1)


def main(argv: list[str] | None = None) -> int:
    """Clean once; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--tables", required=True)
    parser.add_argument("--archive", choices=("none", "next-run", "keep"), default="none")
    parser.add_argument("--batch-size", type=int)
    wanted = parser.parse_args(argv)
    before = datetime.now(UTC) - timedelta(days=wanted.days)
    words = command(before, wanted.tables, wanted.batch_size, archive=wanted.archive != "none")
    try:
        with closing(connect()) as connection:  # until the end: the lock is this connection's
            wait_for_turn(connection)
            there = archives(connection)
            if wanted.archive == "next-run":
                drop(connection, there)
            print(f"deleting rows from before {before:%Y-%m-%d %H:%M} UTC", flush=True)
            code = run(words)
            if wanted.archive == "none":
                # A run of Airflow's command that fails leaves the copy of the rows that it could not delete.
                drop(connection, archives(connection) - there)
    except NotYetError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    if code:
        print(f"ERROR: airflow db clean ended with {code}; the lines above name the table", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
