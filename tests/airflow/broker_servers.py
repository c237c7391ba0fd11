"""A Redis and a RabbitMQ on this machine, each with and without TLS, for tests that ask real brokers."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from kitctl.tools.deadline import Deadline
from tests.airflow.postgres_server import certificates, free_port

PASSWORD = "p@ss w/rd%:"
RIGHTS = {
    "airflow": (".*", ".*", ".*"),
    "cannot_declare": ("", ".*", ".*"),
    "cannot_publish": (".*", "", ".*"),
    # Its own queues, and no other tasks'.
    "other_queue": (r"^celery@.*|^other$", ".*", ".*"),
}
"""Users of RabbitMQ and what they may configure, write and read; `stranger` is one without rights."""


@dataclass(frozen=True)
class Server:
    """A running server on localhost, the name in its certificate.

    Attributes:
        port: Its port without TLS.
        tls_port: Its port with TLS.
        folder: Holds ca.crt, other-ca.crt and client.crt.
        env: Variables by which RabbitMQ's own programs find it.
    """

    port: int
    tls_port: int
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def queues(self) -> list[str]:
        """Return the queues of RabbitMQ."""
        return self._listed("list_queues")

    def exchanges(self) -> list[str]:
        """Return the exchanges of RabbitMQ; the nameless one is ""."""
        return self._listed("list_exchanges")

    def _listed(self, command: str) -> list[str]:
        argv = [program("rabbitmqctl", "rabbitmq-server"), "-q", "-p", "airflow", command, "name", "--no-table-headers"]
        more = {**os.environ, **self.env}
        done = subprocess.run(argv, env=more, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return sorted(done.stdout.splitlines())


def program(name: str, package: str) -> Path:
    """Find a program of a server; Debian's wrappers of RabbitMQ refuse other users than its own."""
    found = [Path(p) for p in [shutil.which(name, path=f"/usr/lib/rabbitmq/bin:{os.environ['PATH']}")] if p]
    assert found, f"{name} is missing: install it ({package})"
    return found[0]


def _answers(port: int, greeting: bytes, start: bytes) -> bool:
    """Tell whether a server greets as it should."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as talk:
            talk.sendall(greeting)
            return talk.recv(16).startswith(start)
    except OSError:
        return False


def eventually(port: int, greeting: bytes, start: bytes) -> bool:
    """Wait until a server greets as it should."""
    return bool(Deadline(60).until(lambda: _answers(port, greeting, start) or None, every=0.2))


@contextmanager
def _process(argv: list[str | Path], folder: Path, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program with its output in a file; Erlang's epmd closes each file that it might have open."""
    words = ["sh", "-c", 'ulimit -Sn 4096; exec "$@"', "sh", *map(str, argv)]
    more: dict[str, Any] = {"cwd": folder, "env": {**os.environ, **env}}
    with (folder / "log").open("ab") as log, subprocess.Popen(words, stdout=log, stderr=log, **more) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    folder = Path(mkdtemp(prefix=f"kit-{name}-"))
    try:
        certificates(folder, "localhost", "airflow")
        yield folder
    finally:
        shutil.rmtree(folder)


def _wait(port: int, greeting: bytes, start: bytes, folder: Path) -> None:
    assert eventually(port, greeting, start), (folder / "log").read_text()[-3000:]


@contextmanager
def redis(*, password: str = PASSWORD) -> Iterator[Server]:
    """Start a Redis.

    Args:
        password: Of the default user, and of `narrow`, which may use keys of the name other only; "" for none.
    """
    with _folder("redis") as folder:
        found = Server(free_port(), free_port(), folder)
        hashed = sha256(password.encode()).hexdigest()
        users = {"default": "*", "narrow": "other*"} if password else {}
        files = {"cert-file": "server.crt", "key-file": "server.key", "ca-cert-file": "ca.crt"}
        lines = [
            f"port {found.port}",
            f"tls-port {found.tls_port}",
            "bind 127.0.0.1",
            'save ""',
            f"dir {folder}",
            "tls-auth-clients no",
            *(f"tls-{option} {folder / name}" for option, name in files.items()),
            *(f"user {name} on #{hashed} ~{keys} &* +@all" for name, keys in users.items()),
        ]
        (folder / "redis.conf").write_text("\n".join(lines) + "\n")
        with _process([program("redis-server", "redis-server"), folder / "redis.conf"], folder):
            _wait(found.port, b"PING\r\n", b"-NOAUTH" if password else b"+PONG", folder)
            yield found


@contextmanager
def rabbitmq() -> Iterator[Server]:
    """Start a RabbitMQ with the virtual host airflow, the users of RIGHTS, and `stranger`, all with one password."""
    with _folder("rabbitmq") as folder, ExitStack() as stack:
        found = Server(free_port(), free_port(), folder)
        salt = b"salt"
        hashed = b64encode(salt + sha256(salt + PASSWORD.encode()).digest()).decode()
        algorithm = {"hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}
        definitions = {
            "vhosts": [{"name": "airflow"}],
            "users": [{"name": name, "password_hash": hashed, **algorithm} for name in [*RIGHTS, "stranger"]],
            "permissions": [
                {"user": user, "vhost": "airflow", **dict(zip(("configure", "write", "read"), rights, strict=True))}
                for user, rights in RIGHTS.items()
            ],
        }
        (folder / "definitions.json").write_text(json.dumps(definitions))
        files = {"cacertfile": "ca.crt", "certfile": "server.crt", "keyfile": "server.key"}
        lines = [
            f"listeners.tcp.default = 127.0.0.1:{found.port}",
            f"listeners.ssl.default = 127.0.0.1:{found.tls_port}",
            f"load_definitions = {folder / 'definitions.json'}",
            *(f"ssl_options.{option} = {folder / name}" for option, name in files.items()),
        ]
        (folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (folder / "plugins").write_text("[].")
        epmd, distribution = free_port(), free_port()
        env = {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "kit@localhost",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        }
        # Started by the server, it would outlive it.
        stack.enter_context(_process([program("epmd", "erlang-base")], folder, **env))
        stack.enter_context(_process([program("rabbitmq-server", "rabbitmq-server")], folder, **env))
        _wait(found.port, b"PING\r\n\r\n", b"AMQP", folder)
        yield replace(found, env=env)
