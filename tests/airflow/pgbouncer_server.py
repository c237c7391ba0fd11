"""PgBouncer on this machine, started by the script, arguments, variables and files that the chart gives to its pod."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from tests.airflow.api_server import listens
from tests.airflow.postgres_server import Server, account, free_port
from tests.chart.release import Pod, Release
from tests.e2e.kit import wait_for

CALL_SECONDS = 20.0
Objects = Mapping[str, Mapping[str, Path | str]]
"""Secrets and ConfigMaps: name → key → a file, or its text."""


@dataclass(frozen=True)
class Pooler:
    """PgBouncer that runs.

    Attributes:
        port: Its port on localhost.
        process: The shell of its pod.
        log: What it printed.
    """

    port: int
    process: subprocess.Popen[bytes]
    log: Path


def project(pod: Pod, objects: Objects, folder: Path, volume: str) -> None:
    """Lay the files of a projected volume as the kubelet does, with its mode."""
    (found,) = [v.projected for v in pod.spec.volumes if v.name == volume]
    folder.mkdir(parents=True, exist_ok=True)
    for source in found.sources:
        part = source.secret or source.config_map
        for item in part.items:
            if part.name not in objects or item.key not in objects[part.name]:
                continue
            target, content = folder / item.path, objects[part.name][item.key]
            if isinstance(content, Path):
                shutil.copy(content, target)
            else:
                target.write_text(content, encoding="utf-8")
            target.chmod(found.default_mode)


def environment(pod: Pod, server: Server, container: int = -1) -> dict[str, str]:
    """Return the variables of a container that name the database, with the port of this server."""
    env = {e.name: e.value for e in pod.containers[container].env or [] if e.name.startswith("KIT_DATABASE")}
    return {**env, **({"KIT_DATABASE_PORT": str(server.port)} if "KIT_DATABASE_PORT" in env else {})}


@contextmanager
def pooling(release: Release, server: Server, objects: Objects, *settings: str) -> Iterator[Pooler]:
    """Start PgBouncer as the release does. It refuses to run as root, so root starts it as the user postgres.

    Args:
        release: A render with pgbouncer.enabled.
        server: The server behind it.
        objects: Secrets and ConfigMaps of the release.
        settings: More lines of the configuration.
    """
    folder, port = Path(mkdtemp(prefix="kit-pgbouncer-")), free_port()
    pod = release.pod("pgbouncer")
    (container,) = pod.spec.containers
    secrets, run = folder / "secrets", folder / "run"
    project(pod, objects, secrets, "password")
    run.mkdir()
    if account():
        for path in (folder, run, *secrets.iterdir()):
            shutil.chown(path, "postgres", "postgres")
    folder.chmod(0o755)
    text = container.command[2].replace("=/run/secrets/kit", f"={secrets}").replace("=/run/kit", f"={run}")
    lines = [line.replace("/run/secrets/kit", str(secrets)) for line in container.args]
    argv = [*container.command[:2], text, container.command[3], *lines, f"listen_port = {port}", *settings]
    env = {"PATH": f"{os.environ['PATH']}:/usr/sbin", "KIT_STOP_DELAY_SECONDS": "0", **environment(pod, server)}
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv, env=env, stdout=out, stderr=out, cwd=folder, start_new_session=True, **account()
        )
    try:
        answers(port, lambda: process.poll() is None, log)
        yield Pooler(port, process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=CALL_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def answers(port: int, alive: Callable[[], bool], log: Path) -> None:
    """Wait until a port of localhost is open."""
    wait_for(f"port {port}", lambda: listens(port) or not alive(), timeout=CALL_SECONDS, pause=0.05)
    assert alive(), log.read_text(encoding="utf-8")
