"""git-sync's own words, for people."""

from __future__ import annotations

import json
import re

_STDERR = re.compile(r'stderr: ("(?:[^"\\]|\\.)*")')


def log_words(log: str, last: int = 3) -> str:
    """Return the last lines of a log of git-sync that tell of errors, for people; of another log, its last lines.

    Args:
        log: Text of the log.
        last: How many lines.
    """
    lines = [line for line in log.splitlines() if line.strip()]
    errors = [words for line in lines if (words := _error_words(line))]
    return "\n".join(list(dict.fromkeys(errors))[-last:] if errors else lines[-last:])


def _error_words(text: str) -> str:
    """Return what a line of git-sync's log says went wrong; "" without an error."""
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    found = {key.lower(): str(value) for key, value in told.items() if value}
    error = found.get("err") or found.get("error", "")
    if not error:
        return ""
    # The command line and its output stand around git's own words, which are quoted as Go does it.
    quoted = _STDERR.search(error)
    words = _unquoted(quoted[1]) if quoted else ""
    return f"{found.get('msg', 'error')}: {words or error}"[:600]


def _unquoted(text: str) -> str:
    """Return a string that Go quoted; it has escapes that JSON does not have, and then stays as it is."""
    try:
        return str(json.loads(text)).strip()
    except ValueError:
        return text
