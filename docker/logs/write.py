"""Write a small log to the store of the task logs and read it back: `write.py SPEC`, as tasks and the API server do.

Run by `kitctl up` and `kitctl deploy` in a short-lived pod, before anything changes; needs Airflow. SPEC is JSON and
holds `wanted`, the variables that come from Secrets, as {name: [Secret, key]}, and `endpoint`, the URL of the store
or "". Prints one line, `KITCTL-REPORT {json}`: "missing" (a list of [Secret, key]), "character" ([Secret, key, the
character]), or "said", the words of Airflow and the store, which are "" if all went well. What they mean is judged by
kitctl.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

NAME = "kitctl-check.log"
SECONDS = 15
BASE = Path("/tmp/logs")  # noqa: S108 - the pod's own, and the only place that can be written to
TEXT = "kitctl up and kitctl deploy write this file to learn whether task logs can be kept here.\n"
PARTS = ("KIT_LOGS_ACCESS_KEY_ID", "KIT_LOGS_SECRET_ACCESS_KEY")


@contextmanager
def heard(words: list[str]) -> Iterator[None]:
    """Add to `words` the errors that are printed meanwhile: providers log their failures, and raise nothing."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as file:
        kept = [os.dup(number) for number in (1, 2)]
        try:
            for number in (1, 2):
                os.dup2(file.fileno(), number)
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, old in zip((1, 2), kept, strict=True):
                os.dup2(old, number)
                os.close(old)
            file.seek(0)
            words += [line.strip() for line in file if re.match(r"[\w.]+: .", line) or "rror" in line]


def problem(wanted: dict[str, list[str]]) -> dict[str, Any]:
    """Return what is wrong with the variables from Secrets; {} if nothing is."""
    if missing := [place for name, place in wanted.items() if not os.environ.get(name)]:
        return {"missing": missing}
    for name in PARTS:
        for character in os.environ.get(name, ""):
            if character in '"\\' or not character.isprintable():
                return {"character": [*wanted[name], character]}
    return {}


def reach(endpoint: str) -> None:
    """Open a connection to the store: its client would try for minutes."""
    url = urlsplit(endpoint)
    if url.hostname:
        port = url.port or (80 if url.scheme == "http" else 443)
        socket.create_connection((url.hostname, port), SECONDS).close()


def write_and_read() -> str:
    """Write the log and read it; returns what went wrong, or ""."""
    from airflow.logging_config import get_remote_task_log  # noqa: PLC0415 - after its environment is known to be sound

    store: Any = get_remote_task_log()
    if store is None:
        return "Airflow knows no store for these settings"
    BASE.mkdir(parents=True, exist_ok=True)
    (BASE / NAME).write_text(TEXT, encoding="utf-8")
    if hasattr(store, "client"):
        store.client.info()
        return ""
    if "append" in inspect.signature(store.write).parameters:
        done = store.write(TEXT, os.path.join(store.remote_base, NAME), append=False)  # noqa: PTH118 - a URL
    else:
        store.upload(BASE / NAME, None)
        done = True
    if not done:
        return "The store did not take the file"
    _, lines = store.read(NAME, None)
    return "" if lines and TEXT.strip() in "\n".join(map(str, lines)) else "The file did not come back"


def main() -> None:
    """Print the report."""
    spec = json.loads(sys.argv[1])
    report = problem(spec["wanted"])
    if not report:
        words: list[str] = []
        try:
            reach(spec["endpoint"])
            with heard(words):
                failure = write_and_read()
            report = {"said": f"{failure}: {words[-1]}" if failure and words else failure}
        except BaseException as error:  # noqa: BLE001 - a client of the store may raise anything, SystemExit included
            report = {"said": f"{type(error).__name__}: {error}"}
    sys.stdout.write("KITCTL-REPORT " + json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
