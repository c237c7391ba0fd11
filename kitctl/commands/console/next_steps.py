"""What a person can type next after a release was installed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any


def program() -> str:
    """Return how this program can be called from here: its name where PATH has it, else its file."""
    if shutil.which("kitctl"):
        return "kitctl"
    path = Path(sys.argv[0]).absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def next_commands(report: dict[str, Any]) -> str:
    """Return a finished report for people: how to get in, and what to type next."""
    if report.get("dry_run"):
        return "\n".join(f"would {line}" for line in report["would"] or ["change nothing"])
    where = "".join(
        f" {option} {report[key]}"
        for option, key, usual in (("-n", "namespace", "airflow"), ("--release", "release", "airflow"))
        if report[key] != usual
    )
    lines = [f"{key + ':':<10}{report[key]}" for key in ("url", "username", "password") if report.get(key)]
    return "\n".join(
        [
            *lines,
            "",
            "Next:",
            f"  {program()} status{where}        # health, components, task pods",
            f"  {program()} open{where}          # the UI in your browser",
            f"  {program()} down{where}          # remove it; the data stays",
        ]
    )
