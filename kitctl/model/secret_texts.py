"""Hides secrets in what is shown of Kubernetes objects: values of fields and variables, and the lines of texts."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from kitctl.model import option_names
from kitctl.model.secret_names import MASK, holds_secret, masked

_PAIR = re.compile(r"""^(\s*(?:-\s+)?(?:export\s+)?(["']?)([\w./-]+)\2\s*[=:]\s*)(\S.*)$""")
_INNER = re.compile(r"""(["'])([\w.-]+)\1(\s*:\s*)(["'])((?:(?!\4).)+)\4""")
_BLOCK = re.compile(r"[|>][-+0-9]*")
_PEM = "-----BEGIN "
_VARIABLE = re.compile(r"AIRFLOW__(.+?)__(.+)")


def variable(name: str, value: str) -> str:
    """Return the value of an environment variable, or the mask."""
    found = _VARIABLE.fullmatch(name)
    if value and found and found[2].lower() in _sensitive():
        return MASK
    return text(masked(f"{name}={value}").removeprefix(f"{name}="))


def field(name: str, value: Any) -> Any:
    """Return a value that stands in a field of an object, or the mask; only texts hold secrets."""
    if not isinstance(value, str):
        return value
    return MASK if _is_secret(name, value) else text(value)


def tree(value: Any, name: str = "") -> Any:
    """Return data of any depth with what may be a secret hidden.

    Args:
        value: Maps, lists and scalars.
        name: Name of the field that holds them.
    """
    if isinstance(value, dict):
        named, shown = value.get("name"), {key: tree(item, str(key)) for key, item in value.items()}
        if isinstance(named, str) and isinstance(value.get("value"), str):
            shown["value"] = variable(named, value["value"])
        return shown
    if isinstance(value, list):
        words = all(isinstance(item, str) for item in value)
        return arguments(value) if words else [tree(item, name) for item in value]
    return field(name, value)


def arguments(words: list[Any]) -> list[Any]:
    """Return a command line with the values of options such as --password hidden."""
    hidden = [masked(word) if isinstance(word, str) else word for word in words]
    for at, word in enumerate(words[:-1]):
        option = word if isinstance(word, str) and word.startswith("-") and "=" not in word else ""
        if option and holds_secret(f"{option.lstrip('-')}=x"):
            hidden[at + 1] = MASK
    return [text(word) if isinstance(word, str) else word for word in hidden]


def text(value: str) -> str:
    """Return a text of one or several lines with what may be a secret hidden."""
    if "\n" in value or _PEM in value:
        return "\n".join(lines(value))
    return _line(value)


def lines(value: str) -> list[str]:
    """Return the lines of a text (airflow.cfg, YAML, JSON, a script), each with what may be a secret hidden."""
    return _Lines().read(value.splitlines())


class _Lines:
    """Reads lines one by one, since a secret may go on in the next ones."""

    def __init__(self) -> None:
        self._deeper_than: int | None = None
        self._pem = False
        self._named = ""

    def read(self, given: list[str]) -> list[str]:
        return [self._next(line) for line in given]

    def _next(self, line: str) -> str:
        indent = len(line) - len(line.lstrip())
        if self._deeper_than is not None:
            if not line.strip() or indent > self._deeper_than:
                return line[:indent] + (MASK if line.strip() else "")
            self._deeper_than = None
        if self._pem or (_PEM in line and "PRIVATE KEY" in line):
            self._pem = "-----END " not in line
            return line[:indent] + MASK
        pair = _PAIR.match(line)
        if pair is None:
            return _line(line)
        start, name, value = pair[1], pair[3], pair[4]
        secret = self._secret(name, value)
        if not secret:
            return start + _line(value)
        if _BLOCK.fullmatch(value):
            self._deeper_than = indent
            return line
        return start + MASK

    def _secret(self, name: str, value: str) -> bool:
        """Whether a line sets a secret; `value:` is judged by the `name:` of the variable before it."""
        if name == "name":
            self._named = value.strip("\"'")
            return False
        if name == "value" and self._named:
            named, self._named = self._named, ""
            return variable(named, "x" if _BLOCK.fullmatch(value) else value.strip("\"'")) == MASK
        return _is_secret(name, value)


def _is_secret(name: str, value: str) -> bool:
    return holds_secret(f"{name}={value}") or (bool(value) and name.lower() in _sensitive())


def _line(value: str) -> str:
    """Return one line without passwords in URLs and in maps of JSON."""

    def inner(found: re.Match[str]) -> str:
        secret = _is_secret(found[2], found[5])
        return f"{found[1]}{found[2]}{found[1]}{found[3]}{found[4]}{MASK}{found[4]}" if secret else found[0]

    return _INNER.sub(inner, masked(value) if "://" in value else value)


@cache
def _sensitive() -> frozenset[str]:
    """Return the names of the options that Airflow marks as secrets."""
    return frozenset(name.rpartition(".")[2] for name in option_names.rules().sensitive)
