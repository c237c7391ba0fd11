"""A PostgreSQL with TLS on this machine, and the certificates of its server and clients."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

RULES = """
local   all all                       trust
hostssl all with_certificate 127.0.0.1/32 cert
hostssl all with_password    127.0.0.1/32 scram-sha-256
host    all with_proxy       127.0.0.1/32 trust
"""
USERS = (
    "CREATE USER with_certificate; CREATE USER with_password PASSWORD 'p@ss w/rd%'; CREATE USER with_proxy;"
    " CREATE DATABASE airflow"
)


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        port: Its port on localhost, the name in its certificate.
        folder: Holds ca.crt, other-ca.crt, client.crt and client.key.
    """

    port: int
    folder: Path

    def sql(self, words: str) -> str:
        """Run one statement as the owner, over the socket; return what it prints."""
        login = ["-h", self.folder, "-p", str(self.port), "-U", "owner", "-d", "airflow"]
        argv = [program("psql"), *login, "-XAtq", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(argv, input=words, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def _run(*argv: str | Path, folder: Path, **more: Any) -> None:
    done = subprocess.run(
        [*map(str, argv)], cwd=folder, capture_output=True, text=True, check=False, timeout=120, **more
    )
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"


def program(name: str) -> Path:
    """Find a program of the server; Debian keeps them in a folder for each version."""
    found = [Path(p) for p in [shutil.which(name)] if p] or sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert found, f"{name} is missing: install the server of PostgreSQL (postgresql)"
    return found[-1]


def certificates(folder: Path, host: str, user: str) -> None:
    """Write ca.crt, other-ca.crt, a server's certificate and key for a host, and a client's for a user."""
    for ca in ("ca", "other-ca"):
        new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={ca}"]
        _run("openssl", *new, "-keyout", f"{ca}.key", "-out", f"{ca}.crt", folder=folder)
    for name, subject, more in (
        ("server", host, ["-addext", f"subjectAltName=DNS:{host}"]),
        ("client", user, []),
    ):
        request = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={subject}", *more]
        _run("openssl", *request, "-keyout", f"{name}.key", "-out", f"{name}.csr", folder=folder)
        sign = ["x509", "-req", "-days", "2", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"]
        files = ["-in", f"{name}.csr", "-out", f"{name}.crt"]
        _run("openssl", *sign, "-copy_extensions", "copy", *files, folder=folder)


def account() -> dict[str, Any]:
    """Return the arguments of subprocess by which root starts a server that refuses to run as root."""
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


def free_port() -> int:
    """Return a port on localhost that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(rules: str = RULES) -> Iterator[Server]:
    """Start a server with TLS. PostgreSQL refuses to run as root, so root starts it as the user postgres.

    Args:
        rules: Text of pg_hba.conf.
    """
    folder = Path(mkdtemp(prefix="kit-postgres-"))
    user = account()
    certificates(folder, "localhost", "with_certificate")
    if user:
        for path in (folder, folder / "server.key"):
            shutil.chown(path, "postgres", "postgres")
    port = free_port()
    data = folder / "data"
    control = [program("pg_ctl"), "-D", data, "-w", "-l", folder / "log"]
    files = {"ssl_cert_file": "server.crt", "ssl_key_file": "server.key", "ssl_ca_file": "ca.crt"}
    tls = " ".join(f"-c {option}={folder / name}" for option, name in files.items())
    options = (
        f"-c ssl=on {tls} -c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    )
    try:
        _run(program("initdb"), "-D", data, "-U", "owner", "-A", "trust", folder=folder, **user)
        (data / "pg_hba.conf").write_text(rules, encoding="utf-8")
        _run(*control, "-o", options, "start", folder=folder, **user)
        for words in USERS.split(";"):
            login = ["-h", folder, "-p", str(port), "-U", "owner", "-d", "postgres"]
            _run(program("psql"), *login, "-c", words, folder=folder)
        yield Server(port, folder)
    finally:
        if (data / "postmaster.pid").exists():
            _run(*control, "-m", "immediate", "stop", folder=folder, **user)
        shutil.rmtree(folder)
