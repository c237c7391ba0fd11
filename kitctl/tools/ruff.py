"""Ruff over DAG files: what Airflow 3 renamed, moved to providers or removed, and what is no Python."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kitctl.errors import KitError
from kitctl.model.dags.findings import Finding, Severity
from kitctl.model.versions import pin
from kitctl.tools.process import run, which

_BATCH = 500
"""Files of one call."""
_BREAKS = {"AIR301", "AIR302", "AIR303"}
"""Removed, moved away, or another signature; the other rules tell of names that still work."""


def air_findings(folder: Path, files: set[str]) -> list[Finding]:
    """Run ruff's rules for Airflow 3 over a folder, whatever settings of ruff lie in it.

    Args:
        folder: The DAG folder.
        files: Paths inside it that count; findings of others are dropped.

    Raises:
        KitError: `tool-missing`, or `ruff-failed` with its words.
    """
    found = []
    for file, item in _checked(folder, files, "AIR3"):
        code = item.get("code")
        if not str(code or "").startswith("AIR"):
            continue
        severity = Severity.ERROR if code in _BREAKS else Severity.WARNING
        fix = (item.get("fix") or {}).get("message") or ""
        found.append(Finding(str(code), file, item["location"]["row"], severity, item["message"], fix))
    return found


def not_python(folder: Path, files: set[str]) -> set[str]:
    """Return the files that are no Python of the image's version, which may be newer than the one of kitctl.

    Args:
        folder: The DAG folder.
        files: Paths inside it that count.

    Raises:
        KitError: as `air_findings`.
    """
    if not files:
        return set()
    version = f"py{pin('airflow.python').replace('.', '')}"
    found = _checked(folder, files, "E9", "--target-version", version)
    return {file for file, item in found if item.get("code") in {None, "invalid-syntax"}}


def _checked(folder: Path, files: set[str], rules: str, *more: str) -> list[tuple[str, dict[str, Any]]]:
    # Installed with kitctl, so beside its interpreter; PATH is for those who unpacked the wheel.
    program = which("ruff", Path(sys.executable).parent)
    if program is None:
        program = Path("ruff")
    argv = [str(program), "check", "--select", rules, *more, "--isolated", "--no-cache", "--exit-zero"]
    names = {os.path.abspath(folder / file): file for file in sorted(files)}  # noqa: PTH100 - links stay what they are
    items = [item for some in _batches(list(names)) for item in _asked([*argv, "--output-format", "json"], some)]
    return [(names[item["filename"]], item) for item in items if item["filename"] in names]


def _batches(paths: list[str]) -> Iterator[list[str]]:
    """Split a long list: the system limits how long a command line may be."""
    for first in range(0, len(paths), _BATCH):
        yield paths[first : first + _BATCH]


def _asked(argv: list[str], paths: list[str]) -> list[dict[str, Any]]:
    """Return what ruff finds in files. Named one by one: a folder may hold pipes, and links that lead nowhere.

    A file so deeply nested that ruff's stack overflows must not hide what is found in the others.
    """
    answer = run([*argv, "--", *paths], check=False, timeout=120)
    if answer.code < 0 and len(paths) > 1:
        half = len(paths) // 2
        return _asked(argv, paths[:half]) + _asked(argv, paths[half:])
    if answer.code < 0:
        return []
    if not answer.ok:
        raise KitError(
            "ruff-failed",
            "ruff could not read the DAG folder",
            cause=answer.stderr.strip()[-2000:],
            fix=f"{shlex.join([*argv[:4], '--isolated', *paths[:1]])}    # alone, it names the reason",
        )
    return list(json.loads(answer.stdout or "[]"))
