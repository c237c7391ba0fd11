"""Print the URL of the metadata database.

Airflow runs it by its `_CMD` options, so the password stands in no environment and no configuration. It is
percent-encoded: any character works. Only the standard library (`python3 -IS`), as it runs in every start.

Usage:
    database_url.py [--async]
"""

import os
import sys
from pathlib import Path
from urllib.parse import quote

SECRETS = Path("/opt/airflow/secrets")


def credentials(secrets: Path = SECRETS) -> tuple[str, str]:
    """Read user and password.

    Args:
        secrets: Folder with the files of the Secret: `postgres-password`, and `database-user` where one is given.

    Returns:
        User name and password. One newline at the end is dropped: it comes from an editor or from `echo`.

    Raises:
        OSError: when a file cannot be read.
    """
    user_file = secrets / "database-user"
    user = _line(user_file) if user_file.exists() else os.environ["KIT_DATABASE_USER"]
    return user, _line(secrets / "postgres-password")


def _line(path: Path) -> str:
    return path.read_text(encoding="utf-8").removesuffix("\n")


def url(*, use_async: bool, secrets: Path = SECRETS) -> str:
    """Compose the URL from the environment (KIT_DATABASE_*) and the files of the Secret.

    Args:
        use_async: For asyncpg instead of psycopg2. The two name the TLS mode differently.
        secrets: Folder with the files of the Secret.

    Returns:
        `postgresql+<driver>://user:password@host:port/name`, each part percent-encoded.
    """
    user, password = (quote(part, safe="") for part in credentials(secrets))
    host = os.environ["KIT_DATABASE_HOST"]
    host = f"[{host}]" if ":" in host else host
    name = quote(os.environ["KIT_DATABASE_NAME"], safe="")
    # The driver is named: SQLAlchemy's default differs between versions, and so between images.
    driver = "postgresql+asyncpg" if use_async else "postgresql+psycopg2"
    mode = os.environ.get("KIT_DATABASE_SSLMODE", "")
    query = f"?{'ssl' if use_async else 'sslmode'}={mode}" if mode else ""
    return f"{driver}://{user}:{password}@{host}:{os.environ['KIT_DATABASE_PORT']}/{name}{query}"


if __name__ == "__main__":
    # No newline at the end: Airflow takes the output as it is, and the name of the database would end in one.
    sys.stdout.write(url(use_async="--async" in sys.argv[1:]))
