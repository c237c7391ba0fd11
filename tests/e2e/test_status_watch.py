"""`kitctl status --watch` on a release that runs: a table, documents, and a cluster that goes away."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from kitctl.errors import ExitCode
from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.kit import CLUSTER, Kit, finish, start_run, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(300)]


def test_on_a_terminal_a_table_is_drawn_in_place_and_ctrl_c_ends_it(release: Kit, api: AirflowApi) -> None:
    ours, theirs = pty.openpty()
    env = {**os.environ, **release.environment({"TERM": "xterm", "COLUMNS": "160", "LINES": "40"})}
    process = subprocess.Popen(
        release.argv("status", "--watch"), stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=release.cwd
    )
    os.close(theirs)
    said = bytearray()

    def read() -> None:
        with suppress(OSError):  # the terminal is gone
            while chunk := os.read(ours, 65536):
                said.extend(chunk)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        wait_for("the table", lambda: b"api-server" in said, timeout=60)
        run_id = start_run(api, "e2e_fail")
        wait_for("the task pod in the table", lambda: b"e2e_fail" in said, timeout=120, pause=0.1)
        finish(api, "e2e_fail", run_id, timeout=120)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == ExitCode.INTERRUPTED
    finally:
        process.kill()
        reader.join(timeout=10)
        os.close(ours)
    assert b"\x1b[1A\x1b[2K" in said
    assert b"Traceback" not in said
    assert b"\x1b[?25h" in said, "the cursor is visible again"


class Door:
    """A TCP forward to the API server that can be shut."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._target = (str(parts.hostname), parts.port or 443)
        self._open: list[socket.socket] = []
        self._listener = self._listen(0)
        self.port = self._listener.getsockname()[1]

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(self._target)
                self._open += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._copy, args=pair, daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                target.sendall(chunk)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def shut(self) -> None:
        """Refuse new connections, and end those that there are."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def open_again(self) -> None:
        """Let connections through again."""
        self._listener = self._listen(self.port)


@contextmanager
def door(kit: Kit, folder: Path) -> Iterator[tuple[Door, Path]]:
    """Give a door to the cluster, and the kubeconfig that leads through it."""
    config = yaml.safe_load(Path(kit.env["KUBECONFIG"]).read_text())
    (one,) = [c["cluster"] for c in config["clusters"] if c["name"] == CLUSTER]
    found = Door(one["server"])
    one["tls-server-name"] = str(urlsplit(one["server"]).hostname)
    one["server"] = f"https://127.0.0.1:{found.port}"
    path = folder / "config"
    path.write_text(yaml.safe_dump(config))
    path.chmod(0o600)
    try:
        yield found, path
    finally:
        found.shut()


def test_a_cluster_that_goes_away_is_told_and_taken_up_again(release: Kit, api: AirflowApi, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with door(release, tmp_path) as (way, config):
        words = ("--kubeconfig", config, "--provider", "existing", "--context", CLUSTER)
        process = release.start("status", "--watch", "-o", "json", *words, log=log)
        try:
            first = start_run(api, "e2e_fail")
            wait_for("the first pod", lambda: '"e2e_fail"' in log.read_text(), timeout=120)
            finish(api, "e2e_fail", first, timeout=120)
            way.shut()
            wait_for("the word that it is gone", lambda: "trying again" in log.read_text(), timeout=60)
            way.open_again()
            wait_for("the word that it is back", lambda: "answers again" in log.read_text(), timeout=60)
            second = start_run(api, "e2e_fail")
            wait_for("the second pod", lambda: second in log.read_text(), timeout=120)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == ExitCode.INTERRUPTED
        finally:
            process.kill()
    said = log.read_text()
    assert said.count("trying again") == said.count("answers again") == 1
    assert "Traceback" not in said
    shown = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert "Deleted" in {pod["phase"] for pod in shown if pod["run_id"] == first}
