"""Connections of the kit's scripts to the metadata database; needs psycopg2 only."""

import os
import site
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # -I leaves the folder of the scripts out
# ... and the packages of the user's home, where the official image keeps Airflow, its migration files and psycopg2.
sys.path.append(site.getusersitepackages())

from database_url import SECRETS, address, tls


class NotYetError(Exception):
    """What is still missing; whoever waits goes on waiting."""


def driver() -> Any:
    """Import psycopg2, late: only who connects needs it."""
    import psycopg2  # noqa: PLC0415

    return psycopg2


def connect(secrets: Path = SECRETS) -> Any:
    """Open a connection with the settings of the pod.

    Raises:
        NotYetError: with what the server or the network said.
        UrlError: when the URL in the Secret cannot be used.
    """
    psycopg2 = driver()
    to = address(secrets)
    try:
        return psycopg2.connect(
            host=to.host,
            port=to.port,
            dbname=to.name,
            user=to.user,
            **({"password": to.password} if to.password else {}),
            **{"connect_timeout": 5, **to.options, **tls(secrets)},
        )
    except (psycopg2.Error, OSError) as error:
        raise NotYetError(explain(str(error).strip())) from error


def explain(message: str) -> str:
    """Add what to do to what PostgreSQL says."""
    claim = os.environ.get("KIT_DATABASE_CLAIM", "")
    if "password authentication failed" in message and claim:
        return (
            f"{message}\n  The claim {claim} was left by an earlier install with another password. Give back the Secret"
            f" of that install, or, if its data may go: kubectl delete pvc {claim} and the pod that uses it."
        )
    if "password authentication failed" in message:
        return f"{message}\n  See database.user and database.passwordSecret, or the URL in database.urlSecret."
    return message
