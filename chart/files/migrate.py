"""Bring the database to this image's schema, then make the first user when it is absent.

Runs in the migrate Job. Only Airflow's public commands are used; the password goes by standard input, never by the
command line or the environment, and the password of an existing user is never changed.
"""

# ruff: noqa: T201 - what it prints is the log of its pod

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import wait_for_database
from database import NotYetError, connect

LOCK = 1802073197
"""Key of the migrations in PostgreSQL's advisory locks: any number that no other program uses would do."""
POLL_SECONDS = 1.0
REPORT_SECONDS = 15.0
PASSWORD_FILE = Path("/opt/airflow/secrets/admin-password")
ATTEMPTS = 3
"""The command also writes FAB's roles, as the API server does at its start: on an empty database the two can meet on a
row, and the loser ends with an error. What the winner wrote, the next attempt finds."""


def migrate() -> int:
    """Run `airflow db migrate` (FAB's tables included); refuse a database that is ahead of the image."""
    with closing(connect()) as connection:  # until the end: the lock is this connection's
        wait_for_turn(connection)
        try:
            wait_for_database.check_migrated(connection, wait_for_database.expected_chains())
        except wait_for_database.NewerDatabaseError as error:
            print(f"ERROR: {error}", file=sys.stderr)
            return wait_for_database.EXIT_NEWER
        except NotYetError as error:
            print(f"migrating: {error}", flush=True)
        else:
            print("the database has the schema of this image already", flush=True)
        # Also when nothing is missing: the command keeps pools and log templates up to date.
        return subprocess.run(["airflow", "db", "migrate"], check=False).returncode


def wait_for_turn(connection: Any) -> None:
    """Wait while the Job of another revision migrates, or old rows are deleted: together they disturb each other.

    It asks again and again, because proxies and time-outs of the server end a statement that waits for hours.
    """
    # Else the statement would leave a transaction open, and the migration would wait for it.
    connection.autocommit = True
    with connection.cursor() as cursor:
        told = None
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
            if cursor.fetchone()[0]:
                return
            if told is None or time.monotonic() - told >= REPORT_SECONDS:
                told = time.monotonic()
                print("waiting: the migrate Job of another revision runs, or old rows are being deleted", flush=True)
            time.sleep(POLL_SECONDS)


def create_admin(password_file: Path = PASSWORD_FILE) -> int:
    """Make the first user. `airflow users create` leaves an existing user as it is."""
    username = os.environ.get("KIT_ADMIN_USERNAME", "")
    if not username:
        return 0
    if not wait_for_database.uses_fab():
        print("no user is made: the auth manager is not FAB's, and its users are configured elsewhere")
        return 0
    password = password_file.read_text(encoding="utf-8").removesuffix("\n")
    command = ["airflow", "users", "create", "--username", username]
    for option, variable in (
        ("--email", "KIT_ADMIN_EMAIL"),
        ("--firstname", "KIT_ADMIN_FIRST_NAME"),
        ("--lastname", "KIT_ADMIN_LAST_NAME"),
        ("--role", "KIT_ADMIN_ROLE"),
    ):
        command += [option, os.environ[variable]]
    # Asked twice. A session of its own has no terminal, so that getpass reads standard input.
    answer = f"{password}\n{password}\n"
    for _ in range(ATTEMPTS):
        done = subprocess.run(command, input=answer, text=True, check=False, start_new_session=True)
        if done.returncode == 0:
            break
    return done.returncode


def main() -> int:
    """Migrate, then make the user; return the first exit code that is not 0."""
    return migrate() or create_admin()


if __name__ == "__main__":
    sys.exit(main())
