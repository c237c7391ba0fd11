"""The API server of the pinned Airflow, run with the command and the environment that the chart gives its container."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.airflow.environment import interpreter
from tests.chart.release import render
from tests.e2e.kit import wait_for

# What the container gets that matters here; paths of the pod do not exist on this machine.
NAMES = {"FORWARDED_ALLOW_IPS", "AIRFLOW__FAB__COOKIE_SECURE", "AIRFLOW__API__BASE_URL"}


@contextmanager
def running(home: Path, sets: tuple[str, ...], more: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run the server of a release; give its port.

    Args:
        home: A folder; it may have a webserver_config.py.
        sets: Values of the release, as `--set` takes them.
        more: Variables that the release takes from Secrets.
    """
    container = render(sets=sets).pod("api-server").spec.containers[0]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    env = {
        **os.environ,
        **{e.name: e.value for e in container.env if e.name in NAMES},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        **(more or {}),
    }
    airflow = str(interpreter().with_name("airflow"))
    subprocess.run([airflow, "db", "migrate"], env=env, check=True, capture_output=True, timeout=300)
    words = [str(port) if word == "8080" else word for word in container.args[1:]]
    log = home / "log"
    with log.open("wb") as out, subprocess.Popen([airflow, *words], env=env, stdout=out, stderr=out) as process:
        try:
            wait_for("the API server", lambda: listens(port) or process.poll() is not None, timeout=240)
            assert process.poll() is None, log.read_text(errors="replace")[-3000:]
            yield port
        finally:
            process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
