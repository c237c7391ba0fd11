"""The API server of the pinned Airflow, run with the command and the environment that the chart gives its container."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.airflow.environment import interpreter
from tests.airflow.postgres_server import free_port
from tests.chart.release import render
from tests.e2e.kit import wait_for

FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
AUTH = ("AIRFLOW__CORE__AUTH_MANAGER", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER", "AIRFLOW__KEYCLOAK_AUTH_MANAGER")
# What the container gets that matters here; paths of the pod do not exist on this machine.
NAMES = ("FORWARDED_ALLOW_IPS", "AIRFLOW__FAB__COOKIE_SECURE", "AIRFLOW__API__BASE_URL", *AUTH)


def variables(container: Any, home: Path) -> dict[str, str]:
    """Return those variables of a container, with the pod's folders of files as folders of `home`."""
    places = {"/opt/airflow/secrets": f"{home}/secrets", "/tmp/simple": f"{home}/tmp/simple"}  # noqa: S108
    found = {e.name: e.value for e in container.env if e.name.startswith(NAMES)}
    for old, new in places.items():
        found = {name: value.replace(old, new) for name, value in found.items()}
    return found


@contextmanager
def running(
    home: Path,
    sets: tuple[str, ...],
    more: Mapping[str, str] | None = None,
    *,
    python: Path | None = None,
    port: int | None = None,
) -> Iterator[int]:
    """Run the server of a release; give its port.

    Args:
        home: A folder; it may have a webserver_config.py, and the folders secrets and tmp.
        sets: Values of the release, as `--set` takes them.
        more: Variables that the release takes from Secrets.
        python: Another interpreter than that of the environment with Airflow.
        port: Its port; None for any.
    """
    container = render(sets=sets).pod("api-server").spec.containers[0]
    port = port or free_port()
    env = {
        **os.environ,
        "AIRFLOW__CORE__AUTH_MANAGER": FAB,
        **variables(container, home),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        **(more or {}),
    }
    airflow = str((python or interpreter()).with_name("airflow"))
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
