"""Makes lines for people of what `airflow dags test` logs: `task: words`, without the marks of Airflow's own log."""

from __future__ import annotations

import re
from collections.abc import Callable

_ENTRY = re.compile(r"^\d{4}-\d\d-\d\dT\S+ \[(\w+) *\] (.*?) *(?:\[[\w.\-<>]+\](?: \w+=.*)? loc=.*)?$")
_BEGIN = re.compile(r"^\[DAG TEST\] starting task_id=(\S+) map_index=(-?\d+)")
_TOLD = re.compile(r"^(\[DAG TEST\]|::(end)?group::|Pushing xcom$)")
_LOUD = {"warning", "error", "critical"}


def for_people(write: Callable[[str], object]) -> Callable[[str], None]:
    """Return what takes lines of the log, and writes those that tell something.

    A line that is no entry of the log is passed on: a traceback, or what a program prints by itself.
    """
    task = ""

    def take(line: str) -> None:
        nonlocal task
        entry = _ENTRY.match(line)
        level, text = (entry[1], entry[2]) if entry else ("", line)
        if begin := _BEGIN.match(text):
            task = begin[1] if begin[2] == "-1" else f"{begin[1]}[{begin[2]}]"
            write(f"{task}: started")
        elif not _TOLD.match(text):
            mark = f"{level}: " if level in _LOUD else ""
            write(f"{task}: {mark}{text}" if task and entry else text)

    return take
