"""Print the URL of the metadata database.

Airflow runs it by its `_CMD` options, so the password stands in no environment and no configuration. It is
percent-encoded: any character works. Only the standard library (`python3 -IS`), as it runs in every start.

Usage:
    database_url.py [--async]
"""

import os
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

SECRETS = Path("/opt/airflow/secrets")


# Files of the Secrets, and the parameter of libpq that names each.
TLS_FILES = {
    "sslrootcert": "database-ca.crt",
    "sslcert": "database-client.crt",
    "sslkey": "database-client.key",
}


def credentials(secrets: Path = SECRETS) -> tuple[str, str]:
    """Read user and password.

    Args:
        secrets: Folder with the files of the Secret: `postgres-password`, and `database-user` where one is given.

    Returns:
        User name and password; without a password (`database.password: false`) it is empty. One newline at the end is
        dropped: it comes from an editor or from `echo`.

    Raises:
        OSError: when a file cannot be read.
    """
    user_file, password_file = secrets / "database-user", secrets / "postgres-password"
    user = _line(user_file) if user_file.exists() else os.environ["KIT_DATABASE_USER"]
    without = os.environ.get("KIT_DATABASE_PASSWORD") == "none"
    return user, "" if without else _line(password_file)


def _line(path: Path) -> str:
    return path.read_text(encoding="utf-8").removesuffix("\n")


def tls(secrets: Path = SECRETS) -> dict[str, str]:
    """Return the parameters of libpq for TLS: the mode, and the files that the pod has."""
    mode = os.environ.get("KIT_DATABASE_SSLMODE", "")
    files = {name: str(secrets / file) for name, file in TLS_FILES.items() if (secrets / file).exists()}
    return {**({"sslmode": mode} if mode else {}), **files}


def _query(parameters: dict[str, str], *, use_async: bool) -> str:
    """Write parameters of libpq for a driver.

    asyncpg takes the mode alone as `ssl`. Files it takes in a connection string only; the rest of that stays empty,
    since what stands in the URL wins. Variables (PGSSLROOTCERT) would also change the connections of DAGs.
    """
    if use_async and set(parameters) <= {"sslmode"}:
        return urlencode({"ssl": parameters["sslmode"]}) if parameters else ""
    text = urlencode(parameters, quote_via=quote)
    return urlencode({"dsn": f"postgresql://?{text}"}, quote_via=quote) if use_async else text


def url(*, use_async: bool, secrets: Path = SECRETS) -> str:
    """Compose the URL from the environment (KIT_DATABASE_*) and the files of the Secret.

    Args:
        use_async: For asyncpg instead of psycopg2. The two take the settings of TLS differently.
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
    login = f"{user}:{password}" if password else user
    query = _query(tls(secrets), use_async=use_async)
    address = f"{driver}://{login}@{host}:{os.environ['KIT_DATABASE_PORT']}/{name}"
    return f"{address}?{query}" if query else address


if __name__ == "__main__":
    # No newline at the end: Airflow takes the output as it is, and the name of the database would end in one.
    sys.stdout.write(url(use_async="--async" in sys.argv[1:]))
