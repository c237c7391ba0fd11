"""Print the URL of the metadata database.

Airflow runs it by its `_CMD` options, so the password stands in no environment and no configuration. It is
percent-encoded: any character works. Only the standard library (`python3 -IS`), as it runs in every start.

Usage:
    database_url.py [--async]
"""

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urlencode

SECRETS = Path("/opt/airflow/secrets")

# Files of the Secrets, and the parameter of libpq that names each.
TLS_FILES = {
    "sslrootcert": "database-ca.crt",
    "sslcert": "database-client.crt",
    "sslkey": "database-client.key",
}
BOTH = {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "application_name", "options", "target_session_attrs"}
"""Options of a URL that both drivers know."""
LIBPQ_ONLY = {
    *(
        "connect_timeout",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
    ),
    *("channel_binding", "gssencmode", "sslcompression", "sslsni", "ssl_min_protocol_version"),
}
"""Options that asyncpg does not know, and without which it connects as well."""


class UrlError(ValueError):
    """A URL in a Secret that cannot be used, with the id of the error; the text holds no secret."""


class Address(NamedTuple):
    """Where the database is, and how to log in.

    Attributes:
        host: Name or address, IPv6 without brackets.
        port: Digits.
        name: Name of the database.
        user: Name of the user.
        password: Empty means none.
        options: Parameters of libpq.
    """

    host: str
    port: str
    name: str
    user: str
    password: str
    options: dict[str, str]


def parse(text: str) -> Address:
    """Read a URL as libpq does.

    Raises:
        UrlError: when it is not one of PostgreSQL, or cannot be used.
    """
    scheme, found, rest = text.partition("://")
    if not found:
        raise UrlError("[database-url-unfit] the text in the Secret is not a URL, such as postgresql://…")
    if not re.fullmatch(r"postgres|postgresql(\+.*)?", scheme):
        raise UrlError(f"[database-not-postgresql] the URL is one of {scheme}; the kit needs PostgreSQL")
    rest, _, query = rest.partition("?")
    place, _, name = rest.partition("/")
    login, _, place = place.rpartition("@")
    user, _, password = login.partition(":")
    if "," in place:
        raise UrlError("[database-url-unfit] the URL names several hosts; name one, such as that of a Service")
    split = re.fullmatch(r"(?:\[(?P<v6>.*)\]|(?P<host>[^:]*))(?::(?P<port>[0-9]+))?", place)
    if not split:
        raise UrlError("[database-url-unfit] host and port of the URL cannot be read; is the password percent-encoded?")
    address = Address(
        host=split["v6"] or split["host"] or "",
        port=split["port"] or "5432",
        name=unquote(name),
        user=unquote(user),
        password=unquote(password),
        options=_options(query),
    )
    missing = [part for part in ("host", "name", "user") if not getattr(address, part)]
    if missing:
        raise UrlError(f"[database-url-unfit] the URL has no {missing[0]}")
    if any(character in unquote(login + name) for character in "\n\r\0"):
        raise UrlError("[database-url-unfit] the URL of the database contains a line break")
    return address


def _options(query: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    options = {unquote(name): unquote(value) for name, _, value in pairs}
    for name in options:
        if name not in BOTH | LIBPQ_ONLY:
            raise UrlError(f"[database-url-option] the option {name} of the URL is not one that both drivers can have")
    return options


def address(secrets: Path = SECRETS) -> Address:
    """Return where the database is: by the URL in the Secret, else by the environment (KIT_DATABASE_*).

    A host in the environment beside the URL is PgBouncer's: user, password and name count for it as well, but not the
    options, which are those of the server behind it.

    Raises:
        OSError: when a file cannot be read.
        UrlError: see `parse`.
    """
    env = os.environ
    url_file, user_file, password_file = (secrets / n for n in ("database-url", "database-user", "postgres-password"))
    host, port = env.get("KIT_DATABASE_HOST", ""), env.get("KIT_DATABASE_PORT", "")
    if url_file.exists():
        base = parse(_line(url_file))
        if not host:
            host, port = base.host, base.port
    else:
        base = Address(host, port, env["KIT_DATABASE_NAME"], env["KIT_DATABASE_USER"], "", {})
    user = _line(user_file) if user_file.exists() else base.user
    password = base.password
    if env.get("KIT_DATABASE_PASSWORD") == "none":
        password = ""
    elif password_file.exists() or not url_file.exists():
        password = _line(password_file)
    return Address(host, port, base.name, user, password, {} if "KIT_DATABASE_HOST" in env else base.options)


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
    if use_async:
        parameters = {name: value for name, value in parameters.items() if name not in LIBPQ_ONLY}
    if use_async and set(parameters) <= {"sslmode"}:
        return urlencode({"ssl": parameters["sslmode"]}) if parameters else ""
    text = urlencode(parameters, quote_via=quote)
    return urlencode({"dsn": f"postgresql://?{text}"}, quote_via=quote) if use_async else text


def url(*, use_async: bool, secrets: Path = SECRETS) -> str:
    """Compose the URL from what `address` and `tls` return.

    Args:
        use_async: For asyncpg instead of psycopg2. The two take the settings of TLS differently.
        secrets: Folder with the files of the Secret.

    Returns:
        `postgresql+<driver>://user:password@host:port/name`, each part percent-encoded.
    """
    to = address(secrets)
    user, password, name = (quote(part, safe="") for part in (to.user, to.password, to.name))
    host = f"[{to.host}]" if ":" in to.host else to.host
    # The driver is named: SQLAlchemy's default differs between versions, and so between images.
    driver = "postgresql+asyncpg" if use_async else "postgresql+psycopg2"
    login = f"{user}:{password}" if password else user
    query = _query({**to.options, **tls(secrets)}, use_async=use_async)
    whole = f"{driver}://{login}@{host}:{to.port}/{name}"
    return f"{whole}?{query}" if query else whole


if __name__ == "__main__":
    # No newline at the end: Airflow takes the output as it is, and the name of the database would end in one.
    sys.stdout.write(url(use_async="--async" in sys.argv[1:]))
