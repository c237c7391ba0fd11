"""Bring the database to this image's schema, then make the first user when it is absent.

Runs in the migrate Job. Only Airflow's public commands are used; the password goes by standard input, never by the
command line or the environment, and the password of an existing user is never changed.
"""

# ruff: noqa: T201 - what it prints is the log of its pod

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import wait_for_database
from database import NotYetError, connect

PASSWORD_FILE = Path("/opt/airflow/secrets/admin-password")
ATTEMPTS = 3
"""The command also writes FAB's roles, as the API server does at its start: on an empty database the two can meet on a
row, and the loser ends with an error. What the winner wrote, the next attempt finds."""


def migrate() -> int:
    """Run `airflow db migrate` (FAB's tables included); refuse a database that is ahead of the image."""
    connection = connect()
    try:
        wait_for_database.check_migrated(connection, wait_for_database.expected_chains())
    except wait_for_database.NewerDatabaseError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return wait_for_database.EXIT_NEWER
    except NotYetError as error:
        print(f"migrating: {error}", flush=True)
    else:
        print("the database has the schema of this image already", flush=True)
    finally:
        connection.close()
    # Also when nothing is missing: the command keeps pools and log templates up to date.
    return subprocess.run(["airflow", "db", "migrate"], check=False).returncode


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
