"""What it means when the database cannot be used: one error for each cause that a user can mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.release.preflight.source import Source

_ANYWAY = "To deploy without this check: --no-check-database"
_ID = re.compile(r"\[(database-[\w-]+)\] (.*)", re.DOTALL)
_TLS = re.compile(r"SSL|certificate|hostssl|no encryption", re.IGNORECASE)
_PASSWORD = re.compile(r"authentication failed|no password supplied")
_LOGIN = re.compile(r"role .* does not exist|pg_hba|not permitted to log in")
_DATABASE = re.compile(r'database ".*" does not exist|no such database', re.IGNORECASE)
_RIGHTS = re.compile(r"permission denied|InsufficientPrivilege", re.IGNORECASE)
_FULL = re.compile(r"too many (clients|connections)|remaining connection slots|connection limit", re.IGNORECASE)


def refusal(report: Mapping[str, Any], sources: Mapping[str, Source], namespace: str, *, own: bool) -> KitError | None:
    """Return the error of one look, or None when the database can be used.

    Only an external database is asked before a deploy, which can then be told to go on anyway.

    Args:
        report: What docker/database/ask.py printed.
        sources: The files that its pod was to have, and what each comes from.
        namespace: Namespace of the release.
        own: Whether the database is part of the release.
    """
    problem = _problem(report, sources, namespace, own=own)
    return problem if problem is None or own else replace(problem, fix=f"{problem.fix}\n{_ANYWAY}")


def _problem(report: Mapping[str, Any], sources: Mapping[str, Source], namespace: str, *, own: bool) -> KitError | None:
    if report.get("missing"):
        return _missing(sources[report["missing"][0]], namespace)
    step, said = report["step"], str(report["said"])
    if not step:
        return None
    if step == "url":
        return _url(said)
    where = f"{report['host']}:{report['port']}"
    if step in {"name", "connect"}:
        return _away(step, where, said, own=own)
    secret = sources.get("database-url") or sources.get("postgres-password")
    return _used(where, report, said, secret, namespace, own=own)


def _error(error_id: str, message: str, said: str, fix: str) -> KitError:
    return KitError(error_id, message, cause=said, fix=fix, code=ExitCode.PREFLIGHT)


def _missing(source: Source, namespace: str) -> KitError:
    return _error(
        "database-secret-incomplete",
        source.absent(namespace),
        "The pods read it to log in to the database, and would wait for it forever",
        source.made_by(namespace),
    )


def _url(said: str) -> KitError:
    found = _ID.match(said)
    known = found[1] if found else "database-url-unfit"
    words = found[2] if found else said
    return _error(
        known, "The URL of the database cannot be used", words, "Correct it in the Secret of database.urlSecret"
    )


def _away(step: str, where: str, said: str, *, own: bool) -> KitError:
    if own:
        fix = "kitctl status    # does it run?\nkitctl logs postgres"
        return _error("database-unreachable", f"Pods cannot reach the PostgreSQL of the release at {where}", said, fix)
    if step == "name":
        return _error(
            "database-host-unknown",
            f"Pods of this cluster do not find the host of the database {where}",
            said,
            "Correct database.host, or the URL in database.urlSecret; a Service of another namespace is named "
            "SERVICE.NAMESPACE",
        )
    return _error(
        "database-unreachable",
        f"Pods of this cluster cannot reach the database {where}",
        said,
        "Check database.port or the URL, whether the server runs and listens to other hosts,\n"
        "firewalls and NetworkPolicies",
    )


def _used(
    where: str, report: Mapping[str, Any], said: str, secret: Source | None, namespace: str, *, own: bool
) -> KitError:
    user, name = report["user"], report["name"]
    if _DATABASE.search(said):
        fix = f'CREATE DATABASE "{name}" OWNER "{user}" ENCODING \'UTF8\';    # on the server; or correct database.name'
        return _error("database-absent", f"The server {where} has no database {name}", said, fix)
    # Words about TLS come later: a client that was refused with TLS tries again without, and tells both. And "no
    # pg_hba.conf entry for …, no encryption" is about TLS: the server takes other connections of this user.
    tls = _TLS.search(said)
    if _PASSWORD.search(said) or (_LOGIN.search(said) and not tls):
        return _login(where, user, said, secret, namespace, own=own)
    if tls:
        fix = "Correct database.sslMode, database.ca and database.clientCertificate (docs/database.md)"
        return _error("database-tls-refused", f"No TLS connection with the database {where}", said, fix)
    if _RIGHTS.search(said):
        fix = f'ALTER DATABASE "{name}" OWNER TO "{user}";    # on the server'
        return _error("database-rights-missing", f"The user {user} may not create tables in {name}", said, fix)
    if _FULL.search(said):
        fix = "Raise max_connections of the server, or put PgBouncer before it: pgbouncer: {enabled: true}"
        return _error("database-full", f"The database {where} takes no more connections", said, fix)
    return _error("database-unusable", f"The database {where} cannot be used", said, "Correct what the cause names")


def _login(where: str, user: str, said: str, secret: Source | None, namespace: str, *, own: bool) -> KitError:
    fix = "Correct database.user and database.passwordSecret, or the URL in database.urlSecret"
    if secret and own:
        fix = f"Give back the Secret {secret.name} of the install that made the database: its password is inside"
    elif secret:
        text = f'{{"stringData": {{"{secret.key}": "…"}}}}'
        fix = f"kubectl -n {namespace} patch secret {secret.name} -p '{text}'\n{fix}"
    return _error("database-login-refused", f"The database {where} refuses the log-in of the user {user}", said, fix)
