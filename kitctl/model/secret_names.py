"""Which settings hold a secret, judged by their names, and how they are shown."""

from __future__ import annotations

import re

_SECRET = re.compile(
    r"(password|passwd|passphrase|token|client_?secret|(api|secret|private|access|fernet)_?key)$",
    re.IGNORECASE,
)
_MAYBE = re.compile(
    r"pass|token|secret|credential|private|conn\b|_conn|connection_?string|dsn\b|key|\.value$", re.IGNORECASE
)
_A_NAME = re.compile(r"existing|name$|credentials\.(secret|type)$|\.key$|keys?\.", re.IGNORECASE)
_IN_URL = re.compile(r"(?<=://)([^/@\s:]*):([^/@\s]+)@")
MASK = "***"


def holds_secret(setting: str) -> bool:
    """Whether `key=value` sets something that is a secret for sure; an empty value is none."""
    key, _, value = setting.partition("=")
    last = re.split(r"[.\[\]]", key.strip("]"))[-1].replace("-", "_")
    return bool(value and value != "null" and _SECRET.search(last))


def in_url(text: str) -> bool:
    """Whether a text has a URL with a password."""
    return bool(_IN_URL.search(text))


def masked(setting: str) -> str:
    """Return `key=value`, or a text with URLs, with everything hidden that may be a secret."""
    key, eq, value = setting.partition("=")
    text = _IN_URL.sub(rf"\1:{MASK}@", setting)
    if eq and "://" not in key and (holds_secret(setting) or (_MAYBE.search(key) and not _A_NAME.search(key))):
        return f"{key}={MASK}"
    if eq and value[:1] in "{[" and _MAYBE.search(value):
        return f"{key}={MASK}"
    return text
