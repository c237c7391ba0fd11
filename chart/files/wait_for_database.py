"""Wait until the database answers, or until it has the schema of this image.

Runs before each Airflow container. It imports no Airflow (seconds of CPU in every start), only psycopg2; the revisions
that the image expects are read from its migration files.

Usage:
    wait_for_database.py connect|migrated
"""

# ruff: noqa: T201 - what it prints is the log of its pod

import configparser
import importlib.util
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # -I leaves the script's own folder out

from database import NotYetError, connect
from database_url import UrlError

CONFIG = Path("/opt/airflow/airflow.cfg")
POLL_SECONDS = 1.0
REPORT_SECONDS = 15.0
EXIT_TIMEOUT = 5
EXIT_NEWER = 3
EXIT_URL = 4

BEHIND = "the migrate Job brings it there"
"""Words of a pod that waits for a migration: kitctl looks for them, and runs the Job again where it has ended."""

_REVISION = re.compile(r"^revision(?:\s*:[^=\n]+)?\s*=\s*[\"']([^\"']+)[\"']", re.MULTILINE)
_DOWN = re.compile(r"^down_revision(?:\s*:[^=\n]+)?\s*=\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Chain:
    """One chain of migrations: the table that holds its state, and the revisions that the image knows."""

    table: str
    known: frozenset[str]
    heads: frozenset[str]


class NewerDatabaseError(Exception):
    """The database is ahead of the image; waiting does not help."""


def airflow_folders() -> Iterator[Path]:
    """Yield the folders that the package `airflow` may lie in, without importing it."""
    spec = importlib.util.find_spec("airflow")
    yield from map(Path, (spec.submodule_search_locations or []) if spec else [])
    # Providers are a namespace package: they may be installed elsewhere than the core.
    yield from (Path(entry) / "airflow" for entry in sys.path if entry)


def read_chain(table: str, folder: Path) -> Chain | None:
    """Read one chain from a folder of alembic's migration files.

    Args:
        table: Table in which alembic keeps the chain's state.
        folder: The folder `versions`.

    Returns:
        The chain, or None when there is no migration.
    """
    known: set[str] = set()
    replaced: set[str] = set()
    for file in folder.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        if found := _REVISION.search(text):
            known.add(found[1])
            down = _DOWN.search(text)
            replaced.update(re.findall(r"[\"']([^\"']+)[\"']", down[1]) if down else [])
    return Chain(table, frozenset(known), frozenset(known - replaced)) if known else None


def expected_chains() -> list[Chain]:
    """Return the chains that this image's `airflow db migrate` brings to their heads."""
    wanted = [("alembic_version", "migrations/versions")]
    if uses_fab():
        wanted.append(("alembic_version_fab", "providers/fab/migrations/versions"))
    folders = list(dict.fromkeys(airflow_folders()))
    chains = []
    for table, path in wanted:
        found = (read_chain(table, folder / path) for folder in folders)
        chains += [chain for chain in found if chain][:1]
    return chains


def uses_fab() -> bool:
    """Tell whether the auth manager is FAB's, which has tables of its own: by environment, else by airflow.cfg."""
    manager = os.environ.get("AIRFLOW__CORE__AUTH_MANAGER", "")
    if not manager:
        parser = configparser.RawConfigParser(strict=False)
        parser.read(CONFIG, encoding="utf-8")
        manager = parser.get("core", "auth_manager", fallback="")
    return ".fab." in manager


def check_migrated(connection: Any, chains: list[Chain]) -> None:
    """Compare the database with the image.

    Raises:
        NotYetError: when a migration is missing.
        NewerDatabaseError: when the database has a revision that the image does not know.
    """
    if not chains:
        raise NotYetError("no migration files of Airflow in this image; does image.repository name an Airflow image?")
    for chain in chains:
        current = _revisions(connection, chain.table)
        unknown = current - chain.known
        if unknown:
            raise NewerDatabaseError(
                f"The database was migrated by a NEWER Airflow than this image: {chain.table} holds"
                f" {', '.join(sorted(unknown))}, which the image does not know. An older Airflow must not write to it."
                "\n  Deploy the newer image again, or restore the backup that was made before the upgrade."
            )
        if current != chain.heads:
            raise NotYetError(
                f"{chain.table} is at {', '.join(sorted(current)) or 'nothing'}, wanted is"
                f" {', '.join(sorted(chain.heads))}; {BEHIND}"
            )


def _revisions(connection: Any, table: str) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", (table,))
        if cursor.fetchone()[0] is None:
            return frozenset()
        cursor.execute(f"SELECT version_num FROM {table}")  # noqa: S608 - one of two names of this file
        return frozenset(row[0] for row in cursor.fetchall())


def wait(attempt: Callable[[], None], timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
    """Try until it works.

    Args:
        attempt: Raises NotYetError while something is missing.
        timeout: Seconds.
        clock: Seconds since any start.

    Raises:
        TimeoutError: with the last reason, when the time is over.
    """
    start = clock()
    last, told = "", start
    while True:
        try:
            return attempt()
        except NotYetError as error:
            now = clock()
            if now - start >= timeout:
                raise TimeoutError(str(error)) from error
            if str(error) != last or now - told >= REPORT_SECONDS:
                print(f"[{now - start:4.0f} s of {timeout:.0f} s] waiting: {error}", flush=True)
                if str(error) == last and BEHIND in last:
                    print(f"  {what_to_do()}", flush=True)
                last, told = str(error), now
        time.sleep(POLL_SECONDS)


def what_to_do() -> str:
    """Say how a migrate Job that has ended runs again; after a restore of an older dump nothing else starts it."""
    jobs = os.environ.get("KIT_MIGRATE_JOBS", "-l app.kubernetes.io/component=migrate")
    return (
        f"If that Job has ended (kubectl get jobs {jobs}), because it failed or an older dump was restored, run"
        f" `kitctl up` again. Without kitctl: kubectl delete jobs {jobs}, then repeat your `helm upgrade` or sync."
    )


def main(target: str) -> int:
    """Wait for "connect" or "migrated"; return the exit code."""
    chains = expected_chains() if target == "migrated" else []

    def attempt() -> None:
        connection = connect()
        try:
            if target == "migrated":
                check_migrated(connection, chains)
        finally:
            connection.close()

    timeout = float(os.environ.get("KIT_WAIT_TIMEOUT_SECONDS", "600"))
    try:
        wait(attempt, timeout)
    except NewerDatabaseError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return EXIT_NEWER
    except UrlError as error:
        print(f"ERROR: {error}. See docs/errors.md of the kit.", file=sys.stderr)
        return EXIT_URL
    except TimeoutError as error:
        print(
            f"ERROR: gave up after {timeout:.0f} s (database.waitTimeoutSeconds). Last reason: {error}", file=sys.stderr
        )
        if BEHIND in str(error):
            print(what_to_do(), file=sys.stderr)
        return EXIT_TIMEOUT
    print("the database answers" if target == "connect" else "the database has the schema of this image")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
