"""Which values are secrets: they must not be in a values file, where all who can read the release can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kitctl.model.option_names import renamed, sensitive
from kitctl.model.secret_names import in_url
from kitctl.model.values.keys.peers import Names

# "secret" alone ends names of Secrets; those of keys in a Secret end in Key or Name as well.
_NAME = re.compile(
    r"(?:pass|passwd|password|passphrase|token|credentials?|access[_-]?key|secret[_-]?key|api[_-]?key|fernet[_-]?key"
    r"|private[_-]?key|account[_-]?key|ssh[_-]?key|client[_-]?secret|jwt[_-]?secret|secret|dsn|connection[_-]?string)$",
    re.IGNORECASE,
)
_CONNECTION = re.compile(r"^AIRFLOW_CONN_|^AIRFLOW__\w+__\w*(?:SQL_ALCHEMY_CONN|BROKER_URL|RESULT_BACKEND)$")
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_REFERENCE = re.compile(r"^\s*(?:\{\{|\$\(|\$\{)")
_EMBEDDED = re.compile(r"(?:pass|passwd|password|token|private[_-]?key|fernet[_-]?key)$", re.IGNORECASE)
_QUOTED = re.compile(r"(pass\w*|token|secret\w*|fernet\w*|\w+key)['\"]?\s*[:=]\s*\S", re.IGNORECASE)
_SWITCHES = ("true", "false", "")


def name_tells(name: str) -> bool:
    """Say whether a variable or option of this name holds a secret."""
    return bool(_NAME.search(name) or _CONNECTION.search(name) or _option(name))


def _option(name: str) -> bool:
    parts = name.lower().split("__")
    if len(parts) != 3 or parts[0] != "airflow":  # noqa: PLR2004 - AIRFLOW, section, option
        return False
    now = renamed(parts[1], parts[2]) or (parts[1], parts[2])
    return now in sensitive()


def value_tells(value: Any) -> bool:
    """Say whether a text is a secret by itself: a URL with a password, or a private key."""
    return isinstance(value, str) and bool(in_url(value) or _KEY.search(value))


def is_secret(name: str, value: Any) -> bool:
    """Say whether a value is a secret, by its name or by itself."""
    if not isinstance(value, str | int) or isinstance(value, bool) or str(value).lower() in _SWITCHES:
        return False
    return value_tells(value) or (name_tells(name) and not _REFERENCE.match(str(value)))


def secrets_in(value: Any, above: Names = ()) -> Iterator[Names]:
    """Yield the places of secrets in a value. Lists of variables name each entry."""
    if isinstance(value, Mapping):
        if isinstance(value.get("name"), str) and is_secret(value["name"], value.get("value")):
            yield (*above, value["name"])
        for name, inner in value.items():
            yield from secrets_in(inner, (*above, str(name)))
    elif isinstance(value, list):
        for inner in value:
            yield from secrets_in(inner, above)
    elif above and isinstance(value, str) and (value_tells(value) or _embedded(above[-1], value)):
        yield above


def _embedded(name: str, value: str) -> bool:
    """Say whether a key of an object holds a secret; many keys of this kind name a Secret instead."""
    return bool(_EMBEDDED.search(name) and value and not _REFERENCE.match(value))


def tells(comment: str) -> bool:
    """Say whether a comment may quote a secret."""
    return bool(in_url(comment) or _QUOTED.search(comment))
