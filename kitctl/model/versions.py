"""Reads versions.toml, the one home of every pinned version, and finds the folders that ship with kitctl."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent


def data_dir(name: str = "") -> Path:
    """Find a folder or file that ships with kitctl, in the checkout or inside the installed wheel.

    Args:
        name: "chart", "docker", "dags", "scripts", "versions.toml", or "" for their parent.

    Returns:
        An absolute path.
    """
    packed = _PACKAGE / "_data"
    root = packed if packed.is_dir() else _PACKAGE.parent
    return root / name if name else root


@cache
def document() -> dict[str, Any]:
    """Return the whole of versions.toml."""
    return tomllib.loads(data_dir("versions.toml").read_text(encoding="utf-8"))


def pin(path: str) -> str:
    """Return one pinned value by its dotted path.

    Args:
        path: For example "airflow.version" or "tools.helm.version".

    Raises:
        KeyError: when versions.toml has no such entry.
    """
    value: Any = document()
    for part in path.split("."):
        value = value[part]
    return str(value)
